import { createInterface } from 'node:readline';
import { Script } from 'node:vm';
import type { Colors } from 'picocolors/types';
import type { BoardThread } from './engines/thread';

/** A console on the device: one line is evaluated at a time, an unfinished one goes on on the next. */
export async function repl(device: BoardThread, colors: Colors): Promise<void> {
  const input = createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' });
  console.log(colors.dim("The device's console. `vfs` is require('vfs'); .exit leaves."));
  await device.evaluate("var vfs = require('vfs')", 'repl');
  input.prompt();
  let pending = '';
  for await (const line of input) {
    const source = pending + line;
    if (source.trim() === '.exit') break;
    if (source.trim() === '.help') console.log('JavaScript runs on the device, for instance vfs.listdir("/"); .exit leaves.');
    else if (source.trim()) {
      const outcome = await device.evaluate(source, 'repl');
      if (!outcome.ok && line.trim() && isUnfinished(source)) {
        pending = source + '\n';
        process.stdout.write('... ');
        continue;
      }
      if (!outcome.ok) console.log(colors.red(outcome.text));
      else if (outcome.text !== 'undefined') console.log(outcome.text);
    }
    pending = '';
    input.prompt();
  }
  input.close();
}

/** Whether the parser stops only because the text does. */
function isUnfinished(source: string): boolean {
  try {
    new Script(source);
    return false;
  } catch (error) {
    return /Unexpected end of input|Unterminated template/.test(String(error));
  }
}
