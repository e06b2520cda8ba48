import { decodeText, le32 } from '../../modules/engine';
import type { VfsLfs2 } from '../../modules/littlefs2';
import { ctzIndex } from '../../modules/littlefs2/content';
import { peekAt } from '../../modules/littlefs2/disk';
import { fetch, isMoving } from '../../modules/littlefs2/mdir';
import { nameAt } from '../../modules/littlefs2/names';
import { begin } from '../../modules/littlefs2/operation';
import { KIND_CTZ, KIND_DIR, kindOf, ROW } from '../../modules/littlefs2/table';
import { DATA, DIRECTORY, MapMaker, SYSTEM } from './map';

/** Each directory with its pairs, each file that has blocks of its own; small files lie in the pairs. */
export function mapLittlefs2(volume: VfsLfs2): MapMaker {
  const map = new MapMaker([{ name: 'blocks', term: 'block', offset: 0, unit: volume._blockSize, count: volume._blockCount, base: 0 }]);
  begin(volume, 'map', '/', false);
  // The superblock begins the root.
  const todo: [a: number, b: number, path: string][] = [[0, 1, '/']];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [a, b, path] = next;
    map.attempt(() => directory(map, a, b, path, todo));
  }
  return map;
}

function directory(map: MapMaker, first: number, second: number, path: string, todo: [number, number, string][]): void {
  const owner = map.own(path);
  let [a, b] = [first, second];
  for (;;) {
    const kind = a < 2 && b < 2 ? SYSTEM : DIRECTORY;
    if (!map.claim(a, kind, owner) || !map.claim(b, kind, owner)) return;
    const m = fetch(a, b);
    for (let id = m._super; id < m._count; id++) {
      if (isMoving(m, id)) continue;
      const [, x, y] = m._rows.subarray(id * ROW, id * ROW + ROW);
      const inner = `${path === '/' ? '' : path}/${decodeText(nameAt(m, id))}`;
      if (kindOf(m, id) === KIND_DIR) todo.push([x, y, inner]);
      else if (kindOf(m, id) === KIND_CTZ) map.attempt(() => list(map, x, ctzIndex(y - 1), map.own(inner)));
    }
    if (!m._split) return;
    [a, b] = [m._tail0, m._tail1];
  }
}

/** A CTZ list from its head back: the first pointer of a block names the one before it. */
function list(map: MapMaker, head: number, index: number, owner: number): void {
  let block = head;
  for (let left = index; map.claim(block, DATA, owner) && left; left--) block = le32(peekAt(block, 0, 4), 0);
}
