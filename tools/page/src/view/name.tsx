import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** Asks for a name; Escape asks for none. */
export function NameForm({ label, value, done }: { label: string; value: string; done: (name: string) => void }) {
  const text = useSignal(value);
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current?.focus(), []);
  return (
    <form
      class="bar"
      onSubmit={(event) => {
        event.preventDefault();
        done(text.value.trim());
      }}
    >
      <input
        aria-label={label}
        placeholder={label}
        value={text.value}
        ref={input}
        onInput={(event) => (text.value = event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && done('')}
      />
      <button type="submit" class="main">
        OK
      </button>
      <button type="button" onClick={() => done('')}>
        Cancel
      </button>
    </form>
  );
}
