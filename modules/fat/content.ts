/** The content of files, both ways. */
import { ECORRUPT, ENOSPC } from '../contract/errno';
import { copy } from '../engine';
import { load, sectorOf, transfer } from './sector';
import { reach } from './table';
import { type Chain, fail, fs } from './volume';

/**
 * Reads or writes: whole sectors directly, as many as lie together in one call, pieces of sectors through the window.
 * @param grow to write: gives the cluster with an index as `reach` does, and adds what is missing
 */
export function move(
  f: Chain & { _size: number },
  pos: number,
  buf: Uint8Array,
  grow: ((chain: Chain, index: number) => number) | undefined,
): void {
  const write = grow !== undefined;
  const clusterAt = grow || reach;
  const size = fs._sectorSize;
  const clusterSize = fs._clusterSize;
  const length = buf.length;
  for (let done = 0, n = 0; done < length; done += n, pos += n) {
    let index = Math.floor(pos / clusterSize);
    const within = pos - index * clusterSize;
    const off = within & (size - 1);
    const cluster = clusterAt(f, index) || fail(write ? ENOSPC : ECORRUPT);
    const sector = sectorOf(cluster) + (within >> fs._shift);
    if (cluster < 2) fail(ECORRUPT);
    n = length - done;
    let run = size - off;
    if (run === size && n >= size) {
      run = clusterSize - within;
      for (let last = cluster; run < n && clusterAt(f, ++index) === ++last; ) run += clusterSize;
      n -= n % size;
    }
    if (n > run) n = run;
    const piece = n < length ? buf.subarray(done, done + n) : buf;
    if (n >= size) transfer(sector, piece, write);
    else {
      const b = load(fs._data, sector, write && pos - off >= f._size);
      if (write) {
        copy(b, off, piece);
        fs._data._dirty = true;
      } else copy(piece, 0, b.subarray(off, off + n));
    }
    if (write && pos + n > f._size) f._size = pos + n;
  }
}
