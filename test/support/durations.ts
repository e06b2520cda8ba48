/** How long test files took the last time, so that no long one is left alone at the end. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Seconds by file. */
export type Durations = Record<string, number>;

/** What is kept in `record`; nothing where there is none, or none that can be read. */
export function readDurations(record: string): Durations {
  try {
    return JSON.parse(readFileSync(record, 'utf8'));
  } catch {
    return {};
  }
}

/** Keeps those of a run beside what is known of other files. */
export function keepDurations(record: string, results: readonly { file: string; seconds: number }[]): void {
  const known = readDurations(record);
  for (const { file, seconds } of results) known[file] = seconds;
  mkdirSync(dirname(record), { recursive: true });
  writeFileSync(record, JSON.stringify(known, null, 1));
}

/** The files in the order to begin with them. One that nothing is known of may be long: it comes before the others. */
export function longestFirst(files: readonly string[], known: Durations): string[] {
  const seconds = (file: string): number => known[file] ?? Number.MAX_VALUE;
  return [...files].sort((a, b) => seconds(b) - seconds(a));
}
