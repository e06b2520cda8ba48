/** What is typed on a console or piped into it, line by line: put together to sources, which run one after the other. */
import { Script } from 'node:vm';

export interface Lines {
  /** Runs it after those before, also of what is pasted. */
  add(line: string): void;
  isRunning(): boolean;
  /** Whether the lines before want more. */
  isUnfinished(): boolean;
  /** What was begun and what waits does not run. */
  forget(): void;
  /** Runs all to its end, also what is unfinished. */
  finish(): Promise<void>;
}

/**
 * @param commands lines that are no source
 * @param idle all lines there were have run
 */
export function linesOf(evaluate: (source: string) => Promise<void>, commands: Map<string, () => void>, idle: () => void): Lines {
  let pending = '';
  let working: Promise<void> | undefined;
  const queue: string[] = [];

  async function take(line: string): Promise<void> {
    const command = pending ? undefined : commands.get(line.trim());
    if (command) command();
    else if (pending + line.trim()) {
      const source = pending + line;
      pending = isUnfinished(source) ? source + '\n' : '';
      if (!pending) await evaluate(source);
    }
  }

  async function work(): Promise<void> {
    for (let line = queue.shift(); line !== undefined; line = queue.shift()) await take(line);
    working = undefined;
    idle();
  }

  return {
    add(line) {
      queue.push(line);
      working ??= work();
    },
    isRunning: () => !!working,
    isUnfinished: () => !!pending,
    forget() {
      pending = '';
      queue.length = 0;
    },
    async finish() {
      await working;
      if (pending) await evaluate(pending);
    },
  };
}

/** Whether the parser stops only because the text does. */
export function isUnfinished(source: string): boolean {
  try {
    new Script(source);
    return false;
  } catch (error) {
    return /Unexpected end of input|Unterminated template|missing \) after argument list/.test(String(error)) && endsOpen(source);
  }
}

/** Whether more closing brackets could be wanted: `f(1 2` never gets right, however it goes on. */
function endsOpen(source: string): boolean {
  try {
    new Script(source + '\n)');
    return true;
  } catch (error) {
    return !/missing \) after argument list/.test(String(error));
  }
}
