#!/usr/bin/env node
import { isMainThread } from 'node:worker_threads';
import { runThread } from './engines/thread-side';
import { main } from './main';

if (isMainThread) {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  process.exitCode = await main(process.argv.slice(2));
} else await runThread();
