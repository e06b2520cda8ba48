/** What the checks of littlefs 1 and 2 share: findings, how many there are, the result. */
import { flag, optionsOf } from '../contract/arguments';
import { expect } from '../contract/errno';

/**
 * How bad: damage (`error`), something that a power cut leaves and the next change or a repair ends (`warning`), or
 * nothing to worry about (`info`).
 */
export type Level = 'error' | 'warning' | 'info';

export interface Finding<Code> {
  level: Level;
  code: Code;
  /** One line for people. */
  message: string;
  /** The file or directory; `''` where it is the volume, or no path leads there. */
  path: string;
  /** The blocks concerned. */
  blocks: number[];
}

export interface Result<Code> {
  /** Neither damage nor anything half-done; after a repair, what is so now. */
  sound: boolean;
  /** Whether a repair was made. */
  repaired: boolean;
  errors: number;
  warnings: number;
  infos: number;
  /** The first hundred findings. */
  findings: Finding<Code>[];
  /** The disk version, `2.1`; `''` where no superblock tells. */
  version: string;
  blockSize: number;
  blockCount: number;
  /** Blocks that something refers to. */
  used: number;
  files: number;
  directories: number;
}

/** What a check has found so far. */
export interface Found<Code> {
  _onFinding: ((finding: Finding<Code>) => void) | undefined;
  /** The first hundred findings, and how many of each level there are. */
  _findings: Finding<Code>[];
  _errors: number;
  _warnings: number;
  _infos: number;
  /** Blocks that something refers to. */
  _used: number;
  _files: number;
  _directories: number;
}

const FINDINGS_KEPT = 100;

/** The options of a check. @throws TypeError for any of another type */
export function checkOptions<O extends { repair?: boolean; onFinding?: unknown }>(options: O | undefined): O {
  const o = optionsOf(options);
  flag(o.repair, 'repair');
  expect(o.onFinding === undefined || typeof o.onFinding === 'function', 'onFinding');
  return o;
}

/** Adds a finding and tells of it. Whether somebody was told, who may have worked on another volume. */
export function addFinding<Code>(c: Found<Code>, level: Level, code: Code, path: string, blocks: number[], message: string): boolean {
  const shown: number[] = [];
  for (let k = 0; k < blocks.length; k++) shown.push(blocks[k] >>> 0);
  const finding: Finding<Code> = { level: level, code: code, message: message, path: path, blocks: shown };
  if (level === 'error') c._errors++;
  else if (level === 'warning') c._warnings++;
  else c._infos++;
  if (c._findings.length < FINDINGS_KEPT) c._findings.push(finding);
  if (c._onFinding) c._onFinding(finding);
  return !!c._onFinding;
}

/** What a check gives, of what the last of its rounds has found and the findings of all. */
export function resultOf<Code>(
  c: Found<Code> & { _volume: { _blockSize: number; _blockCount: number } },
  version: string,
  repaired: boolean,
  findings: Finding<Code>[],
): Result<Code> {
  return {
    sound: !c._errors && !c._warnings,
    repaired: repaired,
    errors: c._errors,
    warnings: c._warnings,
    infos: c._infos,
    findings: findings,
    version: version,
    blockSize: c._volume._blockSize,
    blockCount: c._volume._blockCount,
    used: c._used,
    files: c._files,
    directories: c._directories,
  };
}
