/** Programs that tests and benchmarks run. */
import { type SpawnOptionsWithoutStdio, spawn } from 'node:child_process';

/** What a program prints, on both streams, until it ends. Its input stays open and silent: at the end of it, Espruino reads noise. */
export async function outputOf(program: string, args: string[], options: SpawnOptionsWithoutStdio): Promise<string> {
  const child = spawn(program, args, options);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  await new Promise((done, failed) => child.on('close', done).on('error', failed));
  return output;
}
