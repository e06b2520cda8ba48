import '@xterm/xterm/css/xterm.css';
import '../board/board.css';
import { FitAddon } from '@xterm/addon-fit';
import { type ITerminalOptions, Terminal } from '@xterm/xterm';

/** A terminal that fills its place. @returns it, and what takes it away */
export function openTerminal(place: HTMLElement, options: ITerminalOptions = {}): { terminal: Terminal; close(): void } {
  const terminal = new Terminal({ screenReaderMode: true, fontSize: 13, scrollback: 5000, ...options });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(place);
  fit.fit();
  const watch = new ResizeObserver(() => fit.fit());
  watch.observe(place);
  return {
    terminal,
    close() {
      watch.disconnect();
      terminal.dispose();
    },
  };
}
