import { decodeText, le32 } from '../../engine';
import { ctzBlocks } from '../ctz';
import { after, HEADER, kindAt, nameAt, wordAt } from '../mdir';
import { DIR, FILE, fs, type Mdir, MOVED } from '../volume';
import { type Check, claim, inside, pairText, report, tryLoad, tryPair } from './findings';

/** Checks the CTZ list of a file and claims its blocks (DESIGN.md, "CTZ linked-lists"). */
export function checkList(c: Check, path: string, head: number, size: number): void {
  const count = ctzBlocks(size);
  if (size < 0 || count > fs._blockCount) {
    report(c, 'error', 'size', path, [], 'a file of ' + (size >>> 0) + ' bytes, more than the volume holds');
    return;
  }
  const list: number[] = [];
  let block = head;
  for (let index = count - 1; index >= 0; index--) {
    if (!claim(c, block, path)) return;
    if (!tryLoad(c, block, 0, 8)) {
      report(c, 'error', 'unreadable', path, [block], 'block ' + block + ' cannot be read');
      return;
    }
    list.unshift(block);
    if (index) block = le32(fs._w, 0);
  }
  for (let index = 1; index < count; index++)
    for (let k = 0; !(index & ((1 << k) - 1)); k++)
      if (!tryLoad(c, list[index], 4 * k, 4) || le32(fs._w, 4 * k - fs._wOff) !== list[index - (1 << k)])
        report(c, 'error', 'ctz', path, [list[index]], 'pointer ' + k + ' of block ' + list[index] + ' leads elsewhere than the list');
}

/** Walks the directory that begins with the pair {a, b}, and all below it. Each block is entered once, so it ends whatever there is. */
export function walkFrom(c: Check, a: number, b: number, path: string): void {
  const todo: number[] = [a, b];
  const paths: string[] = [path];
  while (todo.length) {
    const y = todo.pop() as number;
    const x = todo.pop() as number;
    const dir = paths.pop() as string;
    c._heads.push(x, y);
    c._paths.push(dir);
    const names: string[] = [];
    let m = enter(c, x, y, dir);
    while (m) {
      for (let at = HEADER; at < m._bytes.length; at = after(m._bytes, at))
        if (checkEntry(c, m, at, dir, names)) {
          todo.push(wordAt(m, at, 0), wordAt(m, at, 1));
          paths.push(dir + '/' + decodeText(nameAt(m, at)));
        }
      m = m._split ? enter(c, m._tail0, m._tail1, dir) : undefined;
    }
  }
}

/** A pair comes into view. Undefined if it is damaged, or has been met before. */
function enter(c: Check, a: number, b: number, path: string): Mdir | undefined {
  return claim(c, a, path) && claim(c, b, path) ? tryPair(c, a, b, path) : undefined;
}

/** Checks an entry; whether it is a directory to go into. */
function checkEntry(c: Check, m: Mdir, at: number, dir: string, names: string[]): boolean {
  const kind = kindAt(m, at);
  const name = decodeText(nameAt(m, at));
  const path = dir + '/' + name;
  const x = wordAt(m, at, 0);
  const y = wordAt(m, at, 1);
  if (kind !== FILE && kind !== DIR) {
    report(c, 'info', 'entry', path, [m._a], 'entry of unknown type 0x' + kind.toString(16));
    return false;
  }
  if (m._bytes[at] & MOVED) {
    if (!c._mute) c._moving.push({ _path: path, _kind: kind, _x: x, _y: y, _blocks: [m._a, m._b], _gone: false });
    return false;
  }
  if (c._mute) {
    for (let i = 0; i < c._moving.length; i++) {
      const one = c._moving[i];
      if (one._kind === kind && one._x === x && one._y === y) one._gone = true;
    }
    return kind === DIR;
  }
  if (!name || name === '.' || name === '..' || name.indexOf('/') >= 0 || name.indexOf('\0') >= 0)
    report(c, 'error', 'name', path, [m._a], 'impossible name: the entry cannot be reached');
  if (names.indexOf(name) >= 0) report(c, 'error', 'name', path, [m._a], 'two entries of this name');
  names.push(name);
  return visit(c, path, kind, x, y);
}

/** What there is behind an entry; whether that is a directory to go into. */
export function visit(c: Check, path: string, kind: number, x: number, y: number): boolean {
  if (kind === DIR) {
    c._directories++;
    if (inside(x) && inside(y) && x !== y) return true;
    report(c, 'error', 'range', path, [x, y], pairText(x, y) + ' cannot be a directory');
    return false;
  }
  c._files++;
  checkList(c, path, x, y);
  return false;
}
