/**
 * The native contract over Espruino's `Flash`, for Espruino on Zephyr. Its `getFree` lists nothing there:
 * `native.areas` of `boards/devices/native` says where volumes may live.
 */

import { flashChip } from '../chip';
import * as free from '../free.lazy';
import type { FlashArea as Area } from '../native';
import { readFlash, writeFlash } from '../window';
import type { AreaTable, NativeFlashArea, NativeZephyr } from './native';

/** Free areas in order: the first is `storage`, the others are `area1`, `area2`... */
export function espruinoZephyr(): NativeZephyr {
  return {
    areas: function (): AreaTable {
      const table: AreaTable = {};
      const areas = free.freeAreas('FlashArea');
      for (let id = 0; id < areas.length; id++)
        table[id ? 'area' + id : 'storage'] = [id, free.pagesOf(areas[id].addr, areas[id].length, 'FlashArea')[0].length];
      return table;
    },
    openArea: function (id: number): NativeFlashArea | undefined {
      const area: Area | undefined = free.freeAreas('FlashArea')[id];
      if (!area) return undefined;
      const flash = flashChip('FlashArea');
      const base = area.addr;
      const page = free.pagesOf(base, area.length, 'FlashArea')[0].length;
      return {
        size: area.length,
        eraseSize: page,
        // The most that any of its chips, the nRF54, needs: `Flash` does not tell.
        align: 16,
        read: function (offset: number, buf: Uint8Array): number {
          readFlash(flash, base + offset, buf);
          return 0;
        },
        write: function (offset: number, data: Uint8Array): number {
          return writeFlash(flash, base + offset, data);
        },
        erase: function (offset: number, length: number): number {
          for (let done = 0; done < length; done += page) flash.erasePage((base + offset + done) | 0);
          return 0;
        },
      };
    },
    disks: function (): string[] {
      return [];
    },
    openDisk: function (): undefined {
      return undefined;
    },
  };
}
