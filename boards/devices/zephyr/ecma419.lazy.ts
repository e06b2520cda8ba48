/**
 * The native contract over ECMA-419 flash partitions (`device.flash`), as Moddable's Zephyr port has them. There are no
 * disks in ECMA-419: a host object may bring them.
 */
import { EIO, EROFS, expect } from '../../../modules/contract/errno';
import type { AreaTable, NativeFlashArea, NativeZephyr } from './native';

export interface EcmaPartition {
  /** How many bytes were read. */
  read(buffer: Uint8Array, position: number): unknown;
  write(buffer: Uint8Array, position: number): void;
  /** From block `start` up to, not with, `end`. */
  eraseBlock(start: number, end: number): void;
  /** Older ports tell neither what erased bytes read as nor what a write must be aligned to. */
  status(): { size: number; blockLength: number; blocks?: number; writeAlign?: number; eraseValue?: number };
}

export interface EcmaFlash {
  open(options: { path: string }): EcmaPartition;
}

/** @param paths names of the partitions that volumes may use; an id is a place in this list */
export function ecma419(flash: EcmaFlash, paths: string[], disks?: Pick<NativeZephyr, 'disks' | 'openDisk'>): NativeZephyr {
  expect(flash && typeof flash.open === 'function', 'flash');
  expect(Array.isArray(paths), 'paths');
  expect(disks === undefined || (disks && typeof disks.disks === 'function'), 'disks');
  return {
    areas: function (): AreaTable {
      const table: AreaTable = {};
      for (let id = 0; id < paths.length; id++) table[paths[id]] = [id, flash.open({ path: paths[id] }).status().blockLength];
      return table;
    },
    openArea: function (id: number): NativeFlashArea | undefined {
      const path = paths[id];
      if (path === undefined) return undefined;
      let partition: EcmaPartition;
      try {
        partition = flash.open({ path: path });
      } catch (_absent) {
        return undefined;
      }
      const status = partition.status();
      const length = status.blockLength;
      // File systems take erased bytes for 0xFF.
      if (status.eraseValue !== undefined && status.eraseValue !== 255) return undefined;
      function attempt(kind: number, offset: number, data: Uint8Array | number): number {
        try {
          if (kind === 0) partition.read(data as Uint8Array, offset);
          else if (kind === 1) partition.write(data as Uint8Array, offset);
          else partition.eraseBlock(offset / length, (offset + (data as number)) / length);
          return 0;
        } catch (error) {
          return (error as Error).message === 'read-only' ? -EROFS : -EIO;
        }
      }
      return {
        size: status.size,
        eraseSize: length,
        align: status.writeAlign,
        read: function (offset: number, buf: Uint8Array): number {
          return attempt(0, offset, buf);
        },
        write: function (offset: number, data: Uint8Array): number {
          return attempt(1, offset, data);
        },
        erase: function (offset: number, bytes: number): number {
          return attempt(2, offset, bytes);
        },
      };
    },
    disks: function (): string[] {
      return disks ? disks.disks() : [];
    },
    openDisk: function (name: string) {
      return disks ? disks.openDisk(name) : undefined;
    },
  };
}
