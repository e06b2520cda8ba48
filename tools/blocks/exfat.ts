import { le32 } from '../../modules/engine';
import type { VfsExFat } from '../../modules/exfat';
import { begin } from '../../modules/exfat/begin';
import { isUsed } from '../../modules/exfat/bitmap';
import { chainOf, makeChain, reach } from '../../modules/exfat/chain';
import { slotAt } from '../../modules/exfat/dir';
import { setText } from '../../modules/exfat/name';
import { DIR, scan } from '../../modules/exfat/scan';
import { le64 } from '../../modules/exfat/sector';
import { type Chain, fs } from '../../modules/exfat/volume';
import { DATA, DIRECTORY, FREE, LOST, MapMaker, SYSTEM } from './map';

/** Types of entries in the root directory that have clusters and are no files (section 7.1, 7.2). */
const BITMAP = 0x81;
const UPCASE = 0x82;

interface Seen {
  path: string;
  directory: boolean;
  chain: Chain;
}

export function mapExfat(volume: VfsExFat): MapMaker {
  const v = volume;
  const unit = v._sectorSize;
  const start = v._start * v._dev._blockSize;
  const sectors = (name: string, first: number, count: number) => ({
    name,
    term: 'sector',
    offset: start + first * unit,
    unit,
    count,
    base: first,
  });
  const map = new MapMaker([
    sectors('boot region', 0, 12),
    sectors('its copy', 12, 12),
    sectors('FAT', v._fatStart, v._heap - v._fatStart),
    { name: 'clusters', term: 'cluster', offset: start + v._heap * unit, unit: v._clusterSize, count: v._last - 1, base: 2 },
  ]);
  const clusters = map.areas[3].first - 2;
  begin(v, 'map', '/', false);
  for (const { name, first, count } of map.areas.slice(0, 3)) {
    const owner = map.own(name);
    for (let i = 0; i < count; i++) map.claim(first + i, SYSTEM, owner);
  }
  const claim = (chain: Chain, kind: number, owner: number): boolean => {
    let i = 0;
    for (let c = reach(chain, 0); c && map.claim(clusters + c, kind, owner); c = reach(chain, i)) i++;
    return i > 0;
  };
  const root = makeChain(v._root, false, Number.POSITIVE_INFINITY);
  map.attempt(() => claim(root, DIRECTORY, map.own('/')));
  map.attempt(() => tables(map, root, claim));
  const todo: { path: string; chain: Chain }[] = [{ path: '', chain: root }];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const { path, chain } = next;
    const seen: Seen[] = [];
    map.attempt(() => {
      for (let slot = 0, kind = 0; ; slot = fs._slot + fs._count + 1) {
        kind = scan(chain, slot, false);
        if (!kind) break;
        seen.push({ path: `${path}/${setText(fs._set)}`, directory: kind === DIR, chain: chainOf(fs._set) });
      }
    });
    for (const one of seen)
      map.attempt(() => {
        // One that was met before is not gone through again.
        if (claim(one.chain, one.directory ? DIRECTORY : DATA, map.own(one.path)) && one.directory) todo.push(one);
      });
  }
  map.attempt(() => {
    for (let c = 2; c <= v._last; c++) if (map.owners[clusters + c] < 0) map.kinds[clusters + c] = isUsed(c) ? LOST : FREE;
  });
  return map;
}

/** The allocation bitmap and the up-case table. */
function tables(map: MapMaker, root: Chain, claim: (chain: Chain, kind: number, owner: number) => boolean): void {
  for (let slot = 0; ; slot++) {
    const at = slotAt(root, slot);
    if (at < 0) return;
    const bytes = fs._meta._buf;
    const type = bytes[at];
    if (!type) return;
    if (type !== BITMAP && type !== UPCASE) continue;
    const count = Math.ceil(le64(bytes, at + 24) / fs._clusterSize);
    const first = le32(bytes, at + 20) >>> 0;
    claim(makeChain(first, false, count), SYSTEM, map.own(type === BITMAP ? 'allocation bitmap' : 'up-case table'));
  }
}
