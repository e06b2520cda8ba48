/** The command that serves the page. */
import type { Command } from 'commander';
import { servePage } from '../page/server';
import { portNumber, print } from './common';

export function addPage(program: Command): void {
  program
    .command('page [image]')
    .description('Serve the page to look at images with a browser, and to change them; with an image it opens that one.')
    .option('--port <number>', 'on the loopback address (default: any that is free)', portNumber)
    .addHelpText(
      'after',
      `
What is changed is in the browser until you save it there: the image itself stays as it is. Ctrl-C ends it.

Examples:
  microvfs page
  microvfs page chip.bin`,
    )
    .action(async (image: string | undefined, { port = 0 }: { port?: number }) => {
      const { address } = await servePage({ image, port });
      print(address);
    });
}
