/** What the checks of littlefs 1 and 2 share: findings, how many there are, the result. */
import type { Finding, Level } from '../contract/check';

export interface Result<Code extends string> {
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
export interface Found<Code extends string> {
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

/** Adds a finding and tells of it. Whether somebody was told, who may have worked on another volume. */
export function addFinding<Code extends string>(
  c: Found<Code>,
  level: Level,
  code: Code,
  path: string,
  blocks: number[],
  message: string,
): boolean {
  const shown: number[] = [];
  for (let k = 0; k < blocks.length; k++) shown.push(blocks[k] >>> 0);
  const finding: Finding<Code> = { level: level, code: code, path: path, blocks: shown, message: message, repaired: false };
  if (level === 'error') c._errors++;
  else if (level === 'warning') c._warnings++;
  else c._infos++;
  if (c._findings.length < FINDINGS_KEPT) c._findings.push(finding);
  if (c._onFinding) c._onFinding(finding);
  return !!c._onFinding;
}

/** After a repair: what was found before, with what is not found any more noted as repaired, and what is found now. */
export function afterRepair<Code extends string>(before: Finding<Code>[], now: Finding<Code>[]): Finding<Code>[] {
  for (let i = 0; i < before.length; i++) {
    const one = before[i];
    let left = one.level === 'info';
    for (let k = 0; k < now.length && !left; k++) left = now[k].code === one.code && now[k].path === one.path;
    if (!left) one.repaired = true;
  }
  return before.concat(now);
}

/** What a check gives, of what the last of its rounds has found and the findings of all. */
export function resultOf<Code extends string>(
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
