/** The command line: its arguments to its exit code. */
import { CommanderError } from 'commander';
import { printable } from './commands/common';
import { makeProgram } from './commands/program';
import { EngineMissing } from './engines/engine';
import { PlaceError } from './places/tree';
import { FAILED, FailedError, MISUSE, UsageError } from './usage';

/** What a file system or the host has refused is told in one line, what is a fault of ours is not. */
function codeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode && MISUSE;
  const { code, message } = error as { code?: unknown; message?: string };
  const misused = error instanceof UsageError || error instanceof EngineMissing;
  const known = misused || error instanceof FailedError;
  if (!known && (typeof code !== 'string' || code.startsWith('ERR_'))) throw error;
  // Whoever reads has had enough, as `head`.
  if (code !== 'EPIPE') console.error('microvfs: ' + printable(String(message)));
  return misused && !(error instanceof PlaceError) ? MISUSE : FAILED;
}

/** Runs the command that the arguments are. @returns the exit code @throws what is a fault of ours */
export async function main(args: readonly string[]): Promise<number> {
  let code = 0;
  try {
    await makeProgram((value) => {
      code = value;
    }).parseAsync(args, { from: 'user' });
  } catch (error) {
    return codeOf(error);
  }
  return code;
}
