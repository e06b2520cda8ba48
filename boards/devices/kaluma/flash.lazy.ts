/** Kaluma's flash under the board's code, as Espruino's `Flash`: addresses count from Kaluma's first sector. */
import { optionsOf } from '../../../modules/contract/arguments';
import { EINVAL, ENODEV, isWhole, vfsError } from '../../../modules/contract/errno';
import { fill } from '../../../modules/engine';
import { type FlashArea, type NativeFlash, native } from '../native';
import { kept } from './kept';
import type { Kaluma, KalumaFs, KalumaPlace } from './types';

declare const global: Kaluma | undefined;

const PAGE = 256;
/** What is mounted, in Kaluma's `fs`. Not written as a name: the build shortens those that begin with `_`. */
const MOUNTS = '.__mounts'.slice(1);

/** Where Kaluma's own file system lies, and its sectors, by `board.name`: its `board.js` says so on each. */
function placeOf(board: string): KalumaPlace | undefined {
  if (board === 'pico' || board === 'pico-w' || board === 'linux') return { base: 132, count: 128 };
  if (board === 'pico2') return { base: 400, count: 384 };
  if (board === 'pico2-w') return { base: 384, count: 384 };
  return undefined;
}

/**
 * Takes Kaluma's own volume out of its tree. Its `unmount` is not called, and the volume is kept: in 1.3 it holds its block device without
 * a reference, and either would use it after it has gone.
 */
function letGo(fs: KalumaFs): void {
  const mounts = (fs as unknown as { [name: string]: { path: string }[] })[MOUNTS];
  for (let i = mounts.length - 1; i >= 0; i--)
    if (mounts[i].path === '/') {
      kept.own = mounts[i];
      mounts.splice(i, 1);
    }
}

/**
 * Kaluma's modules as the board's flash: the sectors of its own file system are the place of the volume, or those that are given. What is
 * mounted there by Kaluma is let go first, so that nobody else writes it.
 * @throws ENODEV elsewhere than on Kaluma, and on a board that is not known unless a place is given; EINVAL for one that is not there
 */
export function useKaluma(given?: KalumaPlace): void {
  const kaluma = typeof global === 'undefined' ? undefined : global;
  if (!kaluma || typeof kaluma.require !== 'function' || !kaluma.board) throw vfsError(ENODEV, 'useKaluma', '', 'this is not Kaluma');
  const chip = new (kaluma.require('flash').Flash)();
  const count = chip.ioctl(4);
  const size = chip.ioctl(5);
  const own = placeOf(kaluma.board.name);
  const place = given === undefined ? own : (optionsOf(given) as KalumaPlace);
  if (!place) throw vfsError(ENODEV, 'useKaluma', '', 'board ' + kaluma.board.name + ' is not known: give {base, count}');
  if (!isWhole(place.base, 0, count) || !isWhole(place.count, 1, count - place.base))
    throw vfsError(EINVAL, 'useKaluma', '', 'base ' + place.base + ', count ' + place.count + ': the flash has ' + count + ' sectors');
  if (own && place.base < own.base + own.count && own.base < place.base + place.count) letGo(kaluma.require('fs'));
  const area: FlashArea = { addr: place.base * size, length: place.count * size };
  const page = new Uint8Array(PAGE);
  const flash: NativeFlash = {
    getPage: function (addr: number) {
      return addr >= 0 && addr < count * size ? { addr: addr - (addr % size), length: size } : undefined;
    },
    getFree: function () {
      return [area];
    },
    erasePage: function (addr: number): void {
      chip.ioctl(6, Math.floor(addr / size));
    },
    write: function (data: unknown, addr: number): void {
      const bytes = data as Uint8Array;
      // What else is in a page is programmed as it is, which changes nothing.
      for (let done = 0; done < bytes.length; ) {
        const at = (addr + done) % PAGE;
        const n = Math.min(PAGE - at, bytes.length - done);
        const start = addr + done - at;
        if (n < PAGE) chip.read(0, page, start);
        else fill(page, 0xff);
        page.set(bytes.subarray(done, done + n), at);
        chip.write(Math.floor(start / size), page, start % size);
        done += n;
      }
    },
    read: function (length: number, addr: number) {
      if (!length) return undefined;
      const bytes = new Uint8Array(length);
      chip.read(0, bytes, addr);
      return bytes;
    },
  };
  native.flash = flash;
  native.areas = [area];
  native.storage = native.memory = undefined;
}
