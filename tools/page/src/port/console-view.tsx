import { useEffect, useRef } from 'preact/hooks';
import { live } from '../view/explored';
import { say } from '../view/state';
import { openTerminal } from '../view/terminal';

/** The console of the board, as in a terminal program. */
export function BoardTerminal() {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const board = live.value;
    const { terminal, close } = openTerminal(place.current as HTMLElement);
    const failed = (error: Error): void => say(error.message, true);
    const encoder = new TextEncoder();
    board
      ?.beginConsole((bytes) => terminal.write(bytes))
      .then((send) => {
        terminal.onData((text) => send(encoder.encode(text)).catch(failed));
        terminal.focus();
      }, failed);
    return () => {
      // The board may be gone.
      if (live.value === board) board?.endConsole().catch(failed);
      close();
    };
  }, []);
  return (
    <section class="board-console" aria-label="Console">
      <p class="quiet">What you type goes to the board. Ctrl-C stops what runs there; Files goes on where the console is free.</p>
      <div ref={place} class="terminal" />
    </section>
  );
}
