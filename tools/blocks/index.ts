/** What each block of a volume is, for every format. */
import { le32 } from '../../modules/engine';
import { VfsExFat } from '../../modules/exfat';
import { VfsFat } from '../../modules/fat';
import { VfsLfs1 } from '../../modules/littlefs1';
import { VfsLfs2 } from '../../modules/littlefs2';
import { type Medium, piece } from '../places/medium';
import type { VolumeTree } from '../places/volume';
import { mapExfat } from './exfat';
import { mapFat } from './fat';
import { mapLittlefs1 } from './littlefs1';
import { mapLittlefs2 } from './littlefs2';
import { type BlockMap, DIRECTORY, ERASED, FREE, type MapMaker, SYSTEM } from './map';
import { mapRomfs } from './romfs';

export * from './map';

/** Of larger volumes nobody wants to wait until all that is free was read. */
const LOOKED_AT = 64 * 1024 * 1024;

/** The map of a volume that is mounted, as far as it can be read. @param medium where it lies */
export function blockMap(tree: VolumeTree, medium: Medium): BlockMap {
  const map = makerOf(tree, medium);
  if (medium.size <= LOOKED_AT) findErased(map, medium);
  if (tree.volume instanceof VfsLfs2 || tree.volume instanceof VfsLfs1) findRevisions(map, medium);
  return map.done();
}

function makerOf({ volume, format }: VolumeTree, medium: Medium): MapMaker {
  if (volume instanceof VfsLfs2) return mapLittlefs2(volume);
  if (volume instanceof VfsLfs1) return mapLittlefs1(volume);
  if (volume instanceof VfsFat) return mapFat(volume, format === 'wl-fat');
  if (volume instanceof VfsExFat) return mapExfat(volume);
  return mapRomfs(medium);
}

/** Each block of a metadata pair begins with its revision count; one that was never written is erased. */
function findRevisions(map: MapMaker, medium: Medium): void {
  const [{ offset, unit }] = map.areas;
  const counts = new Uint32Array(map.kinds.length);
  map.kinds.forEach((kind, block) => {
    const revision = kind === DIRECTORY || kind === SYSTEM ? le32(piece(medium, offset + block * unit, 4), 0) : 0;
    if (revision !== 0xffffffff) counts[block] = revision;
  });
  map.wear = { term: 'revision', counts };
}

function findErased(map: MapMaker, medium: Medium): void {
  for (const { offset, unit, first, count } of map.areas)
    for (let i = 0; offset >= 0 && i < count; i++)
      if (map.kinds[first + i] === FREE && piece(medium, offset + i * unit, unit).every((byte) => byte === 0xff))
        map.kinds[first + i] = ERASED;
}
