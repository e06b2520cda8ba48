/** An image of all of a board's flash, as its firmware uses it: the windows of an nRF52, the log of an STM32. */

import type { Native } from '../../boards/devices/native';
import type { NativeZephyr } from '../../boards/devices/zephyr/native';
import { descriptionOf } from '../../boards/sim';
import { boards } from '../../boards/sim/all';
import { type BoardFile, hardwareOf, simBoard } from '../../boards/sim/board';
import type { NorFlash, NorGeometry } from '../../boards/sim/nor';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { UsageError } from '../usage';
import type { Medium } from './medium';
import { humanSize } from './size';

export const boardNames = Object.keys(boards);

/** A NOR chip whose content is the medium. */
function norOver(medium: Medium, geometry: NorGeometry): NorFlash {
  const nor = {
    geometry,
    violations: [],
    read: (addr: number, buf: Uint8Array): number => {
      medium.read(addr, buf);
      return 0;
    },
    program: (addr: number, data: Uint8Array): number => {
      const bytes = new Uint8Array(data.length);
      medium.read(addr, bytes);
      for (let i = 0; i < bytes.length; i++) bytes[i] &= data[i];
      medium.write(addr, bytes);
      return 0;
    },
    erase: (addr: number): number => {
      medium.write(addr, new Uint8Array(geometry.eraseSize).fill(0xff));
      return 0;
    },
  };
  return nor as unknown as NorFlash;
}

/**
 * The device of a board's own volume. Of one board at a time: its code knows one chip.
 * @throws UsageError if there is no such board, or the image is not of its chip's size
 */
export function boardDevice(name: string, medium: Medium, title: string): BlockDevice {
  const file = boards[name] as BoardFile & { native: Native; useAreas?: (zephyr: NativeZephyr) => void };
  if (!file) throw new UsageError(`there is no board ${name}; there are ${boardNames.join(', ')}`);
  const board = simBoard(file.sim);
  const { geometry, partitioned } = board;
  if (!partitioned && medium.size !== geometry.size)
    throw new UsageError(`${title} has ${medium.size} bytes, and the flash of ${name} ${geometry.size} (${humanSize(geometry.size)})`);
  const hardware = hardwareOf(board, norOver(medium, { ...geometry, size: medium.size }), undefined);
  file.native.flash = hardware.flash as Native['flash'];
  file.native.storage = hardware.storage;
  file.native.memory = hardware.memory;
  if (hardware.zephyr) file.useAreas?.(hardware.zephyr);
  const description = descriptionOf(name, file);
  let missing: unknown;
  for (const one of description.volumes[0].devices) {
    try {
      return description.open(one);
    } catch (error) {
      // A volume in Storage that was not made: the next place.
      if ((error as { code?: string }).code !== 'ENODEV') throw error;
      missing = error;
    }
  }
  throw missing;
}
