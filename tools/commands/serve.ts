/** The command that serves a volume to file managers. */
import type { Command } from 'commander';
import colors from 'picocolors';
import { serve } from '../verbs/serve';
import { type Common, placeOptions, portNumber, print, printable, reporting, verb } from './common';

interface ServeFlags extends Common {
  listen?: number;
  token?: string;
  readonly?: boolean;
}

/** Ends, or the terminal is closed. */
const SIGNALS: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function interrupted(): Promise<void> {
  return new Promise((done) => {
    const stop = (): void => {
      // The next one ends it at once.
      for (const signal of SIGNALS) process.off(signal, stop);
      done();
    };
    for (const signal of SIGNALS) process.on(signal, stop);
  });
}

export function addServe(program: Command): void {
  verb(
    program,
    'serve <place>',
    "Serve a volume as WebDAV, so that this computer's file manager mounts it: of an image, or of a board.",
    { changes: true, tells: true, ports: true },
    ['serve image.bin', 'serve chip.bin#vfs --readonly', 'serve card.img#1:/www --listen 8080 --token my-own-token', 'serve :/'],
  )
    .option('--listen <number>', 'the port on the loopback address (default: any that is free)', portNumber)
    .option('--token <text>', 'the token in the address, at least 8 letters and digits, for scripts (default: a random one)')
    .option('--readonly', 'nothing is changed')
    .addHelpText(
      'after',
      `
It prints the address: whoever knows it can read and write. docs/cli.md has how each system mounts it. What is changed
is in the image after some seconds, and when Ctrl-C has ended it.`,
    )
    .action(async (place: string, options: ServeFlags) => {
      const { listen, token, readonly } = options;
      const flags = { ...(listen !== undefined && { listen }), ...(token !== undefined && { token }), readonly: !!readonly };
      await reporting(options, async (report) => {
        const served = await serve(
          place,
          { ...placeOptions(options), ...flags },
          { note: (line) => console.error(colors.red(printable(line))) },
        );
        const ended = interrupted();
        print(served.address);
        report.note?.(`${served.title}${served.readonly ? ', read-only' : ''}: Ctrl-C ends it`);
        await ended;
        await served.close();
        report.note?.(served.readonly ? `${served.title}: ended` : `${served.title}: all is written, and may be used elsewhere`);
      });
    });
}
