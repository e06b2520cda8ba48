/** Programs that tests and benchmarks run. */
import { type SpawnOptionsWithoutStdio, spawn } from 'node:child_process';
import { EngineMissing } from '../../tools/engines/engine';
import { findProgram, programs } from '../../tools/engines/external';

/** What a program prints, on both streams, until it ends. Its input stays open and silent: at the end of it, Espruino reads noise. */
export async function outputOf(program: string, args: string[], options: SpawnOptionsWithoutStdio): Promise<string> {
  const child = spawn(program, args, options);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  await new Promise((done, failed) => child.on('close', done).on('error', failed));
  return output;
}

/** The engines that are programs and are here, with their programs; of the others it is said that they are skipped. */
export function programsHere(engines = Object.keys(programs)): { [engine: string]: string } {
  const here: { [engine: string]: string } = {};
  for (const engine of engines) {
    try {
      here[engine] = findProgram(engine);
    } catch (error) {
      if (!(error instanceof EngineMissing)) throw error;
      console.log(`SKIP: ${error.message}`);
    }
  }
  return here;
}
