/** The command that serves the page. */
import { type Command, InvalidArgumentError } from 'commander';
import { servePage } from '../page/server';
import { print } from './common';

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError('Give a number up to 65535; 0 is any port that is free.');
  return port;
}

export function addPage(program: Command): void {
  program
    .command('page [image]')
    .description('Serve the page to look at images with a browser, and to change them; with an image it opens that one.')
    .option('--port <number>', 'on the loopback address (default: any that is free)', portOf)
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
