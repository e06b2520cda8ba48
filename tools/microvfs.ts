#!/usr/bin/env node
import { isMainThread } from 'node:worker_threads';
import { CommanderError } from 'commander';
import { printable } from './commands/common';
import { makeProgram } from './commands/program';
import { EngineMissing } from './engines/engine';
import { runThread } from './engines/thread-side';
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

async function main(): Promise<number> {
  let code = 0;
  try {
    await makeProgram((value) => {
      code = value;
    }).parseAsync();
  } catch (error) {
    return codeOf(error);
  }
  return code;
}

if (isMainThread) {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  process.exitCode = await main();
} else await runThread();
