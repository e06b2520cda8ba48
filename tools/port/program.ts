/** A board that is a program: a simulator, whose console is its input and output. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ByteStream } from './stream';

/** So long, in milliseconds, it may take to end when its input has. */
const PATIENCE = 2000;

/** @param command as a shell takes it */
export function openProgram(command: string): ByteStream {
  const child = spawn(command, { shell: true, stdio: ['pipe', 'pipe', 'inherit'], detached: process.platform !== 'win32' });
  const ended = new Promise<void>((done) => child.on('close', () => done()).on('error', () => done()));
  child.stdin.on('error', () => {});
  return {
    title: command,
    chunk: 1024,
    async write(bytes) {
      if (!child.stdin.write(bytes)) await Promise.race([once(child.stdin, 'drain').catch(() => ended), ended]);
    },
    onData: (take) => void child.stdout.on('data', take),
    onEnd: (take) => void ended.then(() => take()),
    async close() {
      child.stdin.end();
      const timer = setTimeout(() => kill(child.pid), PATIENCE);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** The shell and what it has started. */
function kill(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid);
  } catch {
    // It has ended by itself.
  }
}
