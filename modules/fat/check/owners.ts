/** Which of several entries owns a chain. What a cut leaves is told apart here, before anything is claimed. */
import { fill, le32 } from '../../engine';
import { ATTR_DIRECTORY } from '../dir';
import * as names from '../mend.lazy';
import { fatEntry, le16, loadMeta, sectorOf } from '../sector';
import { fs } from '../volume';
import { type Check, hasName, isMarked } from './state';

/** The name under which a file is written that is to replace another, see `writeFile`. */
const SPARE = '~VFS    TMP';

/** One of the entries that name a cluster. */
interface Row {
  _key: string;
  _age: number;
  _spare: boolean;
  /** It is what its entry says. */
  _fits: boolean;
}

function mark(map: Uint8Array, cluster: number): boolean {
  const seen = map[cluster >> 3] & (1 << (cluster & 7));
  map[cluster >> 3] |= 1 << (cluster & 7);
  return !!seen;
}

/** Whether the chain of a file is as long as its size says, or a directory begins with itself. */
function fits(cluster: number, at: number): boolean {
  const b = fs._meta._buf;
  let left = Math.ceil((le32(b, at + 28) >>> 0) / fs._clusterSize);
  let c = cluster;
  if (b[at + 11] & ATTR_DIRECTORY) {
    const e = loadMeta(sectorOf(cluster));
    return e[0] === 46 && e[1] === 32 && le16(e, 26) === (cluster & 0xffff);
  }
  for (; left > 0 && c > 1 && c <= fs._last; left--) c = fatEntry(c);
  return !left && c > fs._last;
}

/** A name is taken for a newer one of a file if its age is so much more: it may have been renamed again since a cut left the older. */
const RENAMES = 16;

/** A user's name rather than the spare one; the newest, each rename having made the age 10 ms more, of 200; one whose size fits. */
function isBetter(row: Row, than: Row): boolean {
  if (row._spare !== than._spare) return than._spare;
  const newer = (row._age - than._age + 200) % 200;
  if (newer && newer <= RENAMES) return true;
  return (!newer || newer < 200 - RENAMES) && row._fits && !than._fits;
}

/** Finds the entries that begin with a cluster of another: with its first one, or within its chain, as a torn entry may. */
export function findOwners(c: Check): void {
  const followed = c._map;
  const firsts = new Uint8Array(followed.length);
  const owned = new Uint8Array(followed.length);
  const dirs = [fs._root];
  const twice: Record<string, Row | null | undefined> = {};
  const inner: (number | string)[] = [];
  let several = false;
  for (let cluster = 2; cluster <= fs._last; cluster++) {
    const next = fatEntry(cluster);
    if (next > 1 && next <= fs._last) mark(followed, next);
  }
  names.walk(dirs, function (cluster, dir, slot, at) {
    const b = fs._meta._buf;
    const directory = b[at + 11] & ATTR_DIRECTORY;
    let left = directory ? fs._last : Math.ceil((le32(b, at + 28) >>> 0) / fs._clusterSize);
    if (directory && dirs.indexOf(cluster) < 0) dirs.push(cluster);
    if (mark(firsts, cluster)) {
      twice[cluster] = null;
      several = true;
    } else if (!isMarked(c, cluster)) for (let k = cluster; left-- > 0 && k > 1 && k <= fs._last && !mark(owned, k); ) k = fatEntry(k);
    else if (!fits(cluster, at)) inner.push(dir + ':' + slot, cluster);
  });
  for (let i = 0; i < inner.length; i += 2) {
    const cluster = inner[i + 1] as number;
    if (owned[cluster >> 3] & (1 << (cluster & 7))) c._strangers[inner[i]] = true;
  }
  fill(followed, 0);
  if (!several) return;
  names.walk(dirs, function (cluster, dir, slot, at) {
    const best = twice[cluster];
    if (best === undefined) return;
    const b = fs._meta._buf;
    const key = dir + ':' + slot;
    const row: Row = { _key: key, _age: b[at + 13], _spare: hasName(b, at, SPARE), _fits: false };
    row._fits = fits(cluster, at);
    const better = !best || (!c._strangers[key] && isBetter(row, best));
    if (best) c._strangers[better ? best._key : key] = true;
    if (better) twice[cluster] = row;
  });
}
