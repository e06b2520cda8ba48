/** A Zephyr application's flash map and disks over simulated chips and cards, and the same as ECMA-419 gives it. */
import { EINVAL, EIO, ENODEV } from '../../modules/contract/errno';
import type { EcmaFlash, EcmaPartition } from '../devices/zephyr/ecma419.lazy';
import type { AreaTable, NativeDisk, NativeFlashArea, NativeZephyr } from '../devices/zephyr/native';
import type { NorFlash } from './nor';
import type { SimSdCard } from './sdcard';

export interface SimArea {
  label: string;
  nor: NorFlash;
  addr: number;
  size: number;
}

export interface SimDisk {
  name: string;
  /** Nothing while no card is in the slot. */
  card: SimSdCard | undefined;
}

/** Areas have their place in the list as id. */
export function simZephyr(areas: SimArea[], disks: SimDisk[]): NativeZephyr {
  return {
    areas: function (): AreaTable {
      const table: AreaTable = {};
      for (let id = 0; id < areas.length; id++) table[areas[id].label] = [id, areas[id].nor.geometry.eraseSize];
      return table;
    },
    openArea: function (id: number): NativeFlashArea | undefined {
      return areas[id] && openArea(areas[id]);
    },
    disks: function (): string[] {
      const names: string[] = [];
      for (let i = 0; i < disks.length; i++) names.push(disks[i].name);
      return names;
    },
    openDisk: function (name: string): NativeDisk | number | undefined {
      for (let i = 0; i < disks.length; i++) if (disks[i].name === name) return openDisk(disks[i]);
      return undefined;
    },
  };
}

function openArea(area: SimArea): NativeFlashArea {
  const nor = area.nor;
  const eraseSize = nor.geometry.eraseSize;
  function inside(offset: number, length: number): boolean {
    return offset >= 0 && offset + length <= area.size;
  }
  return {
    size: area.size,
    eraseSize: eraseSize,
    align: nor.geometry.progSize,
    read: function (offset: number, buf: Uint8Array): number {
      return inside(offset, buf.length) ? nor.read(area.addr + offset, buf) : -EINVAL;
    },
    write: function (offset: number, data: Uint8Array): number {
      return inside(offset, data.length) ? nor.program(area.addr + offset, data) : -EINVAL;
    },
    erase: function (offset: number, length: number): number {
      if (!inside(offset, length) || offset % eraseSize || length % eraseSize) return -EINVAL;
      let status = 0;
      for (let done = 0; done < length && !status; done += eraseSize) status = nor.erase(area.addr + offset + done);
      return status;
    },
  };
}

function openDisk(disk: SimDisk): NativeDisk | number {
  const card = disk.card;
  if (!card) return -ENODEV;
  return {
    sectorSize: 512,
    sectorCount: card.description.blocks,
    read: function (sector: number, buf: Uint8Array): number {
      if (disk.card !== card) return -EIO;
      for (let at = 0; at < buf.length; at += 512) buf.set(card.peek(sector + at / 512), at);
      return 0;
    },
    write: function (sector: number, data: Uint8Array): number {
      if (disk.card !== card) return -EIO;
      for (let at = 0; at < data.length; at += 512) card.write(sector + at / 512, data.subarray(at, at + 512));
      return 0;
    },
    sync: function (): number {
      return disk.card === card ? 0 : -EIO;
    },
  };
}

/** `device.flash`; `bare` leaves out of `status` what older ports do not tell. */
export function simEcmaFlash(areas: SimArea[], bare: boolean): EcmaFlash {
  return {
    open: function (options: { path: string }): EcmaPartition {
      for (let i = 0; i < areas.length; i++) if (areas[i].label === options.path) return ecmaPartition(areas[i], bare);
      throw new Error("can't find partition");
    },
  };
}

function ecmaPartition(area: SimArea, bare: boolean): EcmaPartition {
  const native = openArea(area);
  function check(status: number, what: string): void {
    if (status < 0) throw new Error(what + ' failed');
  }
  return {
    read: function (buffer: Uint8Array, position: number): number {
      check(native.read(position, buffer), 'read');
      return buffer.length;
    },
    write: function (buffer: Uint8Array, position: number): void {
      check(native.write(position, buffer), 'write');
    },
    eraseBlock: function (start: number, end: number): void {
      check(native.erase(start * native.eraseSize, (end - start) * native.eraseSize), 'erase');
    },
    status: function () {
      const told = { size: area.size, blockLength: native.eraseSize, blocks: area.size / native.eraseSize };
      return bare ? told : { ...told, writeAlign: area.nor.geometry.progSize, eraseValue: 255 };
    },
  };
}
