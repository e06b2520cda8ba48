/** What the check of a volume tells, the same for every format. */
import { flag, optionsOf } from './arguments';
import { expect } from './errno';

/**
 * How bad: damage (`error`), something that a power cut leaves and that costs nothing (`warning`), or nothing to worry about
 * (`info`).
 */
export type Level = 'error' | 'warning' | 'info';

export interface Finding<Code extends string = string> {
  level: Level;
  /** What kind; each format's page lists its own. */
  code: Code;
  /** The file or directory; `''` where it is the volume, or no path leads there. */
  path: string;
  /** What it is about, where that is little: blocks of littlefs, clusters of FAT and exFAT. At most a hundred. */
  blocks: number[];
  /** One line for people. */
  message: string;
  /** Whether it has been put right. Where a format is repaired only after all was looked at, `onFinding` is told before that. */
  repaired: boolean;
}

export interface CheckOptions<Code extends string = string> {
  /** Repairs what can be repaired without losing more. Default: nothing is written. */
  repair?: boolean;
  /** Told of each finding as it is made. */
  onFinding?: (finding: Finding<Code>) => void;
}

/** The options of a check. @throws TypeError for any of another type */
export function checkOptions<O extends { repair?: boolean; onFinding?: unknown }>(options: O | undefined): O {
  const o = optionsOf(options);
  flag(o.repair, 'repair');
  expect(o.onFinding === undefined || typeof o.onFinding === 'function', 'onFinding');
  return o;
}
