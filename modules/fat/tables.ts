/** Partition tables, and what they lead to. */
import type { Device } from '../blockdev';
import { readBlocks } from '../blockdev/blocks';
import { le32 } from '../engine';
import { ECORRUPT, vfsError } from '../errno';
import { le16 } from './sector';

/** Reads the sector with that address; what lies outside the device is damage. */
export function readAddress(dev: Device, address: number, buf: Uint8Array): void {
  const unit = buf.length / dev._blockSize;
  const status = (address + 1) * unit > dev._blockCount ? ECORRUPT : readBlocks(dev, address * unit, buf);
  if (status) throw vfsError(status, 'mount');
}

/** The little-endian 32-bit word at `i`. */
export function word(b: Uint8Array, i: number): number {
  return le32(b, i) >>> 0;
}

/** Whether a partition of that type only leads to the table of the logical ones. */
export function isLink(type: number): boolean {
  return type === 5 || type === 15 || type === 0x85;
}

/** Where the first table of logical partitions lies, going by this table; 0 for none. */
function linkIn(buf: Uint8Array): number {
  let found = 0;
  for (let at = 446; at < 510; at += 16) if (isLink(buf[at + 4])) found = word(buf, at + 8);
  return found;
}

/**
 * Adds start and size of what the first table (`buf`, its four entries are in `list`) leads to: the partitions of a GPT, or
 * the logical ones, which are relative to their own table, the tables to the first of them.
 */
export function listFurther(dev: Device, buf: Uint8Array, list: number[]): void {
  for (let at = 446; at < 510; at += 16) {
    if (buf[at + 4] === 0xee) {
      list.splice(2, 8);
      listGpt(dev, buf, list);
      return;
    }
  }
  const first = linkIn(buf);
  for (let table = first, steps = 0; table && steps < 60; steps++) {
    readAddress(dev, table, buf);
    if (le16(buf, 510) !== 0xaa55) return;
    if (!isLink(buf[450])) list.push(table + word(buf, 454), word(buf, 458));
    const next = linkIn(buf);
    table = next && first + next;
  }
}

function listGpt(dev: Device, buf: Uint8Array, list: number[]): void {
  readAddress(dev, 1, buf);
  const table = word(buf, 72);
  const count = word(buf, 80);
  const size = word(buf, 84);
  // "EFI "
  if (word(buf, 0) !== 0x20494645 || size < 128 || buf.length % size) return;
  for (let i = 0; i < count && i < 128; i++) {
    const at = (i * size) % buf.length;
    if (!at) readAddress(dev, table + (i * size) / buf.length, buf);
    // Addresses of 64 bits are for devices larger than FAT can be.
    list.push(word(buf, at + 32), word(buf, at) ? word(buf, at + 40) - word(buf, at + 32) + 1 : 0);
  }
}
