import { useSignal } from '@preact/signals';

/** Asks for a name; Escape asks for none. */
export function NameForm({ label, value, done }: { label: string; value: string; done: (name: string) => void }) {
  const text = useSignal(value);
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
        ref={(input) => {
          if (input && document.activeElement !== input && !input.dataset.seen) {
            input.dataset.seen = 'yes';
            input.focus();
          }
        }}
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
