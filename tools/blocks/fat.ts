import type { VfsFat } from '../../modules/fat';
import { DIR, entryCluster, scan } from '../../modules/fat/dir';
import { entryName } from '../../modules/fat/name';
import { fatEntry } from '../../modules/fat/sector';
import { begin } from '../../modules/fat/tree';
import { fs } from '../../modules/fat/volume';
import { BAD, DATA, DIRECTORY, FREE, LOST, MapMaker, SYSTEM } from './map';

/** What was seen in a directory: read before anything else is looked up. */
interface Seen {
  path: string;
  directory: boolean;
  first: number;
}

/** @param moved whether sectors are moved about below (wear levelling) */
export function mapFat(volume: VfsFat, moved: boolean): MapMaker {
  const v = volume;
  const unit = v._sectorSize;
  const start = v._start * v._dev._blockSize;
  const at = (sector: number): number => (moved ? -1 : start + sector * unit);
  const sectors = (name: string, first: number, count: number) => ({ name, term: 'sector', offset: at(first), unit, count, base: first });
  const map = new MapMaker([
    sectors('reserved', 0, v._firstFat),
    ...Array.from({ length: v._fats }, (_, i) => sectors(`FAT ${i + 1}`, v._firstFat + i * v._fatSize, v._fatSize)),
    ...(v._rootSectors ? [sectors('root directory', v._rootStart, v._rootSectors)] : []),
    { name: 'clusters', term: 'cluster', offset: at(v._dataStart), unit: v._clusterSize, count: v._last - 1, base: 2 },
  ]);
  const clusters = map.areas[map.areas.length - 1].first - 2;
  begin(v, 'map', '/', false);
  for (const { name, first, count } of map.areas.slice(0, -1)) {
    const owner = map.own(name === 'root directory' ? '/' : name);
    for (let i = 0; i < count; i++) map.claim(first + i, name === 'root directory' ? DIRECTORY : SYSTEM, owner);
  }
  const chain = (first: number, kind: number, owner: number): void => {
    for (let c = first; c > 1 && c <= v._last && map.claim(clusters + c, kind, owner); ) c = fatEntry(c);
  };
  if (v._root) chain(v._root, DIRECTORY, map.own('/'));
  const todo: { path: string; first: number }[] = [{ path: '', first: v._root }];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const { path, first } = next;
    const seen: Seen[] = [];
    map.attempt(() => {
      for (let slot = 0, kind = 0; ; slot = fs._slot + 1) {
        kind = scan(first, slot, false);
        if (!kind) break;
        seen.push({ path: `${path}/${entryName()}`, directory: kind === DIR, first: entryCluster() });
      }
    });
    for (const one of seen)
      map.attempt(() => {
        const owner = map.own(one.path);
        const fresh = one.first > 1 && one.first <= v._last && map.owners[clusters + one.first] < 0;
        chain(one.first, one.directory ? DIRECTORY : DATA, owner);
        // One that was met before is not gone through again.
        if (one.directory && fresh) todo.push({ path: one.path, first: one.first });
      });
  }
  map.attempt(() => {
    for (let c = 2; c <= v._last; c++) {
      if (map.owners[clusters + c] >= 0) continue;
      const value = fatEntry(c);
      map.kinds[clusters + c] = !value ? FREE : value === v._mask - 8 ? BAD : LOST;
    }
  });
  return map;
}
