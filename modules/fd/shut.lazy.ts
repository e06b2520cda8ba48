/** The end of what is open. */
import type { VfsFile } from '../contract/filesystem';
import * as driver from '../vfs/driver.lazy';
import { type Open, STREAMS, table } from './table';

/** Closes it, and tells whoever waits for that, whatever the file says. */
function shut(one: Open): void {
  const waiting = one._waiting;
  const fd = one._fd;
  const row = one._row;
  one._waiting = [];
  for (let i = 0; i < waiting.length; i++) waiting[i]();
  if (one._file) one._file.close();
  if (fd < 0 || !row) return;
  one._fd = -1;
  row._files.splice(row._files.indexOf(one as unknown as VfsFile), 1);
  let failures: unknown[] | undefined;
  try {
    if ((row._fs as { close?: unknown }).close) driver.operate(row, one, 'close', [fd]);
  } catch (error) {
    failures = [error];
  }
  driver.release();
  if (failures) throw failures[0];
}

/** Frees the number. What is open is closed with its last one, also when this throws. */
export function drop(fd: number, one: Open): void {
  table[fd] = undefined;
  while (table.length > STREAMS && table[table.length - 1] === undefined) table.pop();
  if (!--one._count) shut(one);
}

/** The driver goes: so do all descriptors. */
export function closeAll(one: Open): void {
  one._operation = 'close';
  for (let fd = table.length; fd--; ) if (table[fd] === one) drop(fd, one);
}

export function flush(one: Open): void {
  if (one._row && (one._row._fs as { fsync?: unknown }).fsync) driver.operate(one._row, one, 'fsync', [one._fd]);
}
