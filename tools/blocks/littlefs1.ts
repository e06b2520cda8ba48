import { decodeText, le32 } from '../../modules/engine';
import type { VfsLfs1 } from '../../modules/littlefs1';
import { begin } from '../../modules/littlefs1/begin';
import { ctzBlocks } from '../../modules/littlefs1/ctz';
import { peek } from '../../modules/littlefs1/disk';
import { after, fetch, HEADER, kindAt, nameAt, wordAt } from '../../modules/littlefs1/mdir';
import { DIR, FILE, fs } from '../../modules/littlefs1/volume';
import { DATA, DIRECTORY, MapMaker, SYSTEM } from './map';

export function mapLittlefs1(volume: VfsLfs1): MapMaker {
  const map = new MapMaker([{ name: 'blocks', term: 'block', offset: 0, unit: volume._blockSize, count: volume._blockCount, base: 0 }]);
  begin(volume, 'map', '/', false);
  const superblock = map.own('superblock');
  map.claim(0, SYSTEM, superblock);
  map.claim(1, SYSTEM, superblock);
  const todo: [a: number, b: number, path: string][] = [[volume._root0, volume._root1, '/']];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [a, b, path] = next;
    map.attempt(() => directory(map, a, b, path, todo));
  }
  return map;
}

function directory(map: MapMaker, first: number, second: number, path: string, todo: [number, number, string][]): void {
  const owner = map.own(path);
  let [a, b] = [first, second];
  while (map.claim(a, DIRECTORY, owner) && map.claim(b, DIRECTORY, owner)) {
    const m = fetch(a, b);
    for (let at = HEADER; at < m._bytes.length; at = after(m._bytes, at)) {
      const inner = `${path === '/' ? '' : path}/${decodeText(nameAt(m, at))}`;
      const [x, y] = [wordAt(m, at, 0), wordAt(m, at, 1)];
      if (kindAt(m, at) === DIR) todo.push([x, y, inner]);
      else if (kindAt(m, at) === FILE && y > 0) map.attempt(() => list(map, x, ctzBlocks(y), map.own(inner)));
    }
    if (!m._split) return;
    [a, b] = [m._tail0, m._tail1];
  }
}

/** A CTZ list from its head back: the first pointer of a block names the one before it. */
function list(map: MapMaker, head: number, count: number, owner: number): void {
  let block = head;
  for (let left = count; left && map.claim(block, DATA, owner); left--) if (left > 1) block = le32(fs._w, peek(block, 0, 4, 8));
}
