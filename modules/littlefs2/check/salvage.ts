import { optionsOf } from '../../contract/arguments';
import { ENOENT, ENOSPC, expect, type VfsError, vfsError } from '../../contract/errno';
import type { BlockDevice, FileSystem, RawFile } from '../../contract/filesystem';
import { decodeText, encodeText, equal } from '../../engine';
import { ctzIndex } from '../content';
import { VfsLfs2 } from '../index';
import { KIND_DIR, KIND_INLINE, kindOf, ROW } from '../table';
import { fs, type Lfs2Options, type Mdir, use } from '../volume';
import { tryBlocks } from './ctz';
import { openVolume } from './fsck';
import { openPair } from './pair';
import { type Check, type Lfs2Finding, newCheck, pairText, report, tryBytes } from './state';
import { eachOrphan, walkThread, walkTree } from './walk';

export interface SalvageOptions extends Lfs2Options {
  /** Told of everything that could not be saved as it was. */
  onFinding?: (finding: Lfs2Finding) => void;
}

export interface SalvageResult {
  files: number;
  directories: number;
  /** Of file content. */
  bytes: number;
  /** What could not be saved, or not as it was: the first hundred. */
  findings: Lfs2Finding[];
  /** Whether, as far as can be told, everything was saved. */
  complete: boolean;
}

/** Where goes what no directory names. */
const FOUND = '/lost+found';

/** What of the walk's findings matters here: each stands for something that may be gone. */
const LOSSES = ' superblock unreadable pair range shared ctz thread twin commit lost renamed ';

/** What file systems have beside the contract's functions, if they keep attributes. */
interface WithAttributes {
  setattr?(path: string, type: number, value: Uint8Array): void;
}

/** A salvage at work. */
interface Salvage {
  _to: Required<FileSystem> & WithAttributes;
  _bytes: number;
  _files: number;
  _directories: number;
}

/**
 * Copies everything that can be read from a volume, which may be damaged and stays as it is, into another file system,
 * mounted and best empty: directories, files, and attributes where it takes them. What is on the thread but in no
 * directory goes to `/lost+found`. Bytes of a file that are lost read as zeros.
 * @throws like the constructor of `VfsLfs2`; an entry that cannot be saved is a finding
 */
export function salvageLfs2(from: BlockDevice, to: FileSystem, options?: SalvageOptions): SalvageResult {
  const o = optionsOf(options);
  expect(to && typeof to === 'object', 'to');
  expect(o.onFinding === undefined || typeof o.onFinding === 'function', 'onFinding');
  const s: Salvage = { _to: to as Salvage['_to'], _bytes: 0, _files: 0, _directories: 0 };
  const save = function (check: Check, path: string, m: Mdir, id: number, folder: string): string | undefined {
    return saveEntry(s, check, path, m, id, folder);
  };
  const c = newCheck(new VfsLfs2(from, o), o.onFinding, save);
  let found: string | undefined;
  c._only = LOSSES;
  openVolume(c);
  walkThread(c);
  walkTree(c, 0, 1, '', '');
  const root = openPair(c, fs._root._a, fs._root._b);
  if (root && root._super) saveAttributes(s, c, root, 0, '/', '/');
  eachOrphan(c, function (m: Mdir, half: boolean): void {
    if (half || !m._count) return;
    const what = 'orphan ' + pairText(m._a, m._b);
    if (!found) found = makeDirectory(s, c, what, FOUND, '~');
    const at = found && makeDirectory(s, c, what, found + '/' + (m._a >>> 0) + '-' + (m._b >>> 0), '~');
    if (at) walkTree(c, m._a, m._b, what, at);
  });
  return { files: s._files, directories: s._directories, bytes: s._bytes, findings: c._findings, complete: !c._errors };
}

function lose(c: Check, path: string, block: number, message: string): void {
  report(c, 'error', 'lost', path, [block], message);
}

/** The path, with `suffix` if something is there already. */
function freePath(s: Salvage, c: Check, path: string, suffix: string): string {
  let taken = true;
  try {
    s._to.stat(path);
  } catch (absent) {
    taken = !absent || (absent as VfsError).errno !== ENOENT;
  }
  use(c._volume);
  return taken ? path + suffix : path;
}

function makeDirectory(s: Salvage, c: Check, path: string, target: string, suffix: string): string | undefined {
  target = freePath(s, c, target, suffix);
  let problem = '';
  try {
    s._to.mkdir(target);
  } catch (error) {
    problem = (error as VfsError).message;
  }
  use(c._volume);
  if (!problem) return target;
  report(c, 'error', 'lost', path, [], 'directory not saved: ' + problem);
  return undefined;
}

/** A name that a file system takes. */
function cleanName(name: string): string {
  let clean = '';
  for (let i = 0; i < name.length; i++) {
    const char = name.charAt(i);
    clean += char === '/' || char === '\0' ? '_' : char;
  }
  return clean === '' || clean === '.' || clean === '..' ? 'unnamed' + clean : clean;
}

function saveEntry(s: Salvage, c: Check, path: string, m: Mdir, id: number, folder: string): string | undefined {
  const place = m._rows[id * ROW] & 0x3fffffff;
  const bytes = tryBytes(c, m._a, place >> 10, place & 0x3ff);
  let name = cleanName(bytes ? decodeText(bytes) : '');
  const suffix = '~' + m._a + '-' + id;
  if (bytes && bytes.length > 255) name = 'long-name' + suffix;
  const directory = kindOf(m, id) === KIND_DIR;
  const wanted = folder + '/' + name;
  const target = directory ? makeDirectory(s, c, path, wanted, suffix) : freePath(s, c, wanted, suffix);
  if (target === undefined) return undefined;
  if (directory) s._directories++;
  else if (!saveFile(s, c, path, m, id, target)) return undefined;
  saveAttributes(s, c, m, id, path, target);
  if (target !== wanted || !bytes || !equal(encodeText(name), bytes)) report(c, 'warning', 'renamed', path, [m._a], 'saved as ' + target);
  return target;
}

/** Whether the file was saved, at least in part. */
function saveFile(s: Salvage, c: Check, path: string, m: Mdir, id: number, target: string): boolean {
  const first = m._rows[id * ROW + 1];
  const size = m._rows[id * ROW + 2] >>> 0;
  const inline = kindOf(m, id) === KIND_INLINE;
  const last = inline || !size ? 0 : ctzIndex(size - 1);
  if (inline ? first + size > fs._blockSize : last >= fs._blockCount) {
    lose(c, path, first, 'file not saved: impossible size ' + size);
    return false;
  }
  const blocks = inline ? undefined : tryBlocks(c, path, first, last);
  let file: RawFile | undefined;
  let problem: VfsError | undefined;
  let lost = 0;
  try {
    // So that damaged sizes do not fill the target in vain.
    if (size > fs._blockSize && s._to.statvfs) {
      const room = s._to.statvfs('/');
      if (room[0] * room[3] < size) throw vfsError(ENOSPC, 'salvage', target);
    }
    file = s._to.open(target, 'w') as RawFile;
    use(c._volume);
    lost = saveContent(c, path, m, id, blocks, file);
    if (file.size() < size) file.truncate(size);
    file.close();
  } catch (error) {
    problem = error as VfsError;
    try {
      if (file) {
        file.close();
        s._to.remove(target);
      }
    } catch (_unclosed) {
      // The first problem is the one to tell.
    }
  }
  use(c._volume);
  if (problem) {
    lose(c, path, first, 'file not saved: ' + problem.message);
    return false;
  }
  s._files++;
  s._bytes += size - lost;
  return true;
}

/** Writes into `file` what can be read of an entry's content, and says what cannot: so many bytes. A list has `blocks`. */
function saveContent(c: Check, path: string, m: Mdir, id: number, blocks: Int32Array | undefined, file: RawFile): number {
  const first = m._rows[id * ROW + 1];
  const size = m._rows[id * ROW + 2] >>> 0;
  let gap = -1;
  let pos = 0;
  let lost = 0;
  const endGap = function (): void {
    if (gap >= 0) lose(c, path, first, 'bytes ' + gap + ' to ' + (pos - 1) + ' are lost and read as zeros');
    gap = -1;
  };
  while (pos < size) {
    const block = blocks ? blocks[ctzIndex(pos)] : m._a;
    const off = blocks ? fs._off : first + pos;
    const n = Math.min(fs._blockSize - off, size - pos);
    const data = block < 0 ? undefined : tryBytes(c, block, off, n);
    if (data) {
      endGap();
      file.writeAt(pos, data);
      use(c._volume);
    } else {
      if (gap < 0) gap = pos;
      lost += n;
    }
    pos += n;
  }
  endGap();
  return lost;
}

function saveAttributes(s: Salvage, c: Check, m: Mdir, id: number, path: string, target: string): void {
  const one = function (type: number, place: number): void {
    const value = tryBytes(c, m._a, place >>> 10, place & 0x3ff);
    let problem = value ? '' : 'unreadable';
    try {
      if (value && s._to.setattr) s._to.setattr(target, type, value);
    } catch (error) {
      problem = (error as VfsError).message;
    }
    use(c._volume);
    if (problem) lose(c, path, m._a, 'attribute ' + type + ' not saved: ' + problem);
  };
  const time = m._rows[id * ROW + 3];
  if (time) one(1, time);
  for (let k = 0; k < m._attrs.length; k += 3) if (m._attrs[k] === id) one(m._attrs[k + 1] & 0xff, m._attrs[k + 2]);
}
