import '@xterm/xterm/css/xterm.css';
import '../board/board.css';
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { useEffect, useRef } from 'preact/hooks';
import { live } from '../view/explored';
import { say } from '../view/state';

/** The console of the board, as in a terminal program. */
export function BoardTerminal() {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const board = live.value;
    const terminal = new Terminal({ screenReaderMode: true, fontSize: 13, scrollback: 5000 });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.open(place.current as HTMLElement);
    fit.fit();
    const watch = new ResizeObserver(() => fit.fit());
    watch.observe(place.current as HTMLElement);
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
      watch.disconnect();
      terminal.dispose();
    };
  }, []);
  return (
    <section class="board-console" aria-label="Console">
      <p class="quiet">What you type goes to the board. Ctrl-C stops what runs there; Files goes on where the console is free.</p>
      <div ref={place} class="terminal" />
    </section>
  );
}
