/**
 * The command line in this process, as a user runs it: a process for each would take as long to begin, and what is compiled of
 * QuickJS for the thread of a simulated board is there for the next one as well.
 */
import { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { getQuickJS } from 'quickjs-emscripten';
import { main } from '../../tools/main';

export interface Run {
  code: number;
  out: string;
  err: string;
}

/** As long as it is held, threads take what it has compiled. */
const held = getQuickJS();

/** Collects what is written to a stream, and not shown. */
function collect(stream: NodeJS.WriteStream): () => string {
  const { write } = stream;
  let text = '';
  stream.write = (data: string | Uint8Array, ...more: unknown[]): boolean => {
    text += typeof data === 'string' ? data : Buffer.from(data).toString();
    for (const done of more) if (typeof done === 'function') done();
    return true;
  };
  return () => {
    stream.write = write;
    return stripVTControlCharacters(text);
  };
}

/** Runs `microvfs ARGS` without any input. @param env is added to the environment meanwhile */
export async function microvfs(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  await held;
  const before = { ...process.env };
  const stdin = Object.getOwnPropertyDescriptor(process, 'stdin') as PropertyDescriptor;
  Object.assign(process.env, env);
  Object.defineProperty(process, 'stdin', { value: Readable.from([]), configurable: true });
  const [out, err] = [collect(process.stdout), collect(process.stderr)];
  const run: Run = { code: 0, out: '', err: '' };
  try {
    run.code = await main(args);
  } finally {
    run.out = out();
    run.err = err();
    Object.defineProperty(process, 'stdin', stdin);
    for (const name of Object.keys(env)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
  return run;
}
