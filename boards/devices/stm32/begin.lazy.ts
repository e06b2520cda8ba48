/** Beginning a log where something else lies, and finding out which window boot shall open. */
import { le32 } from '../../../modules/engine';
import { flashChip } from '../chip';
import type { WindowOptions } from '../free.lazy';
import * as free from '../free.lazy';
import * as scanning from './scan.lazy';
import { eraseSector, HEADER, type Log, type Sector, startSector } from './sector';

/** Of those sectors, the first that holds no live block of the log that lies over these pages. */
function deadIn(log: Log, addr: number, length: number): Sector | undefined {
  const other = { _flash: log._flash } as Log;
  scanning.divide(other, free.pagesOf(addr, length, 'Flash'));
  scanning.scan(other);
  for (let s = 0; other._head && s < log._sectors.length; s++) {
    const sector = log._sectors[s];
    let dead = true;
    for (let k = 0; k < other._sectors.length; k++) {
      const one = other._sectors[k];
      if (one._live && one._addr < sector._end && one._end > sector._addr) dead = false;
    }
    if (dead) return sector;
  }
  return undefined;
}

/**
 * Makes the window the log's alone. The first thing written is a header, into a sector that is erased, or else holds nothing
 * that an older log still needs, or else the first: from then on no log of a larger window takes the flash for its own.
 * Then everything else is erased, what makes this log refuse to be read last; so it refuses until all is done.
 */
export function beginLog(log: Log): void {
  const flash = log._flash;
  const sectors = log._sectors;
  let first: Sector | undefined;
  for (let s = 0; s < sectors.length && !first; s++) if (scanning.isErased(flash, sectors[s])) first = sectors[s];
  for (let s = 0; s < sectors.length && !first; s++) {
    const window = scanning.windowOf(flash.read(HEADER, sectors[s]._addr) as Uint8Array);
    if (window && !scanning.isOwn(log, window)) first = deadIn(log, window[0], window[1]);
  }
  first = first || sectors[0];
  log._written = 0;
  eraseSector(flash, first);
  startSector(log, first, log._head ? log._head._seq + 1 : 1);
  for (let pass = 0; pass < 2; pass++) {
    for (let s = 0; s < sectors.length; s++) {
      const sector = sectors[s];
      if (sector !== first && !pass === !!sector._seq && !scanning.isErased(flash, sector)) eraseSector(flash, sector);
    }
  }
  scanning.scan(log);
}

/** The window that begins where the free flash does, if what lies there says so; else all of it. */
export function firstWindow(): WindowOptions {
  const pages = free.claim(undefined, 'Flash');
  const flash = flashChip('Flash');
  const addr = pages[0].addr;
  const last = pages[pages.length - 1];
  const most = last.addr + last.length - addr;
  for (let i = 0; i < pages.length; i++) {
    const bytes = flash.read(32, pages[i].addr) as Uint8Array;
    let window = scanning.windowOf(bytes);
    // The superblock tells size and number of blocks.
    if (i < 2 && scanning.isSuperblock(bytes) && le32(bytes, 24) === pages[i].length) window = [addr, pages[i].length * le32(bytes, 28)];
    if (window && window[0] === addr && window[1] > 0 && window[1] < most) {
      let end = addr;
      for (let k = 0; k < pages.length && end < addr + window[1]; k++) end += pages[k].length;
      if (end === addr + window[1]) return { len: window[1] };
    }
    if (window) break;
  }
  return {};
}
