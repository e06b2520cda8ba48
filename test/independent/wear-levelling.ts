/**
 * ESP-IDF's wear levelling once more, to judge with: makes images, and says what ESP-IDF (`WL_Flash`, `WL_Ext_Safe`) would read in one.
 * Shares nothing with the code under test.
 */
import { crc32 } from 'node:zlib';

const SECTOR = 4096;
const sum = (bytes: Uint8Array): number => crc32(bytes, 0xffffffff) >>> 0;

export interface Layout {
  /** Logical sectors. */
  sectors: number;
  state1: number;
  state2: number;
  stateSize: number;
  config: number;
}

export function layoutOf(bytes: number): Layout {
  const stateSize = Math.ceil(Math.max(SECTOR, 64 + (bytes / SECTOR) * 16) / SECTOR) * SECTOR;
  const config = bytes - SECTOR;
  return {
    sectors: Math.floor((bytes - 2 * stateSize - SECTOR) / SECTOR) - 1,
    stateSize,
    config,
    state1: config - 2 * stateSize,
    state2: config - stateSize,
  };
}

function record(id: number, place: number): Uint8Array {
  const bytes = Buffer.alloc(16);
  for (let i = 0; i < 4; i++) {
    const one = Buffer.alloc(4);
    one.writeUInt32LE((id + place * 4 + i) % 2 ** 32);
    bytes.writeUInt32LE(sum(one), i * 4);
  }
  return bytes;
}

export interface State {
  /** The spare sector's place, and how often it went round. */
  pos: number;
  moves: number;
  id: number;
  updateRate?: number;
}

export function stateHead(layout: Layout, { moves, id, updateRate = 16 }: State): Uint8Array {
  const head = Buffer.alloc(64);
  [0, layout.sectors + 1, moves, 0, updateRate, SECTOR, 2, id].forEach((word, i) => void head.writeUInt32LE(word, i * 4));
  head.writeUInt32LE(sum(head.subarray(0, 60)), 60);
  return head;
}

/** Where the logical sectors lie. */
export function placeOf(layout: Layout, sector: number, pos: number, moves: number): number {
  const turned = (layout.sectors - moves + sector) % layout.sectors;
  return turned >= pos ? turned + 1 : turned;
}

/** A partition with that content, in that state. */
export function makeImage(bytes: number, content: Uint8Array, state: State): Uint8Array {
  const layout = layoutOf(bytes);
  const image = new Uint8Array(bytes).fill(0xff);
  for (let sector = 0; sector < layout.sectors; sector++)
    image.set(content.subarray(sector * SECTOR, (sector + 1) * SECTOR), placeOf(layout, sector, state.pos, state.moves) * SECTOR);
  for (const at of [layout.state1, layout.state2]) {
    image.set(stateHead(layout, state), at);
    for (let place = 0; place < state.pos; place++) image.set(record(state.id, place), at + 64 + place * 16);
  }
  const config = Buffer.alloc(48);
  [0, bytes, SECTOR, SECTOR, 16, 16, 2, 32].forEach((word, i) => void config.writeUInt32LE(word, i * 4));
  config.writeUInt32LE(sum(config.subarray(0, 32)), 32);
  image.set(config, layout.config);
  return image;
}

/** What ESP-IDF finds in a partition: its state after `init()`, and all logical sectors; with `safe` what a cut has interrupted is done. */
export function readImage(image: Uint8Array, safe = false): { pos: number; moves: number; content: Uint8Array; fresh: boolean } {
  const layout = layoutOf(image.length);
  const view = Buffer.from(image.buffer, image.byteOffset, image.length);
  const good = (at: number): boolean => sum(image.subarray(at, at + 60)) === view.readUInt32LE(at + 60) && view.readUInt32LE(at + 24) === 2;
  const first = good(layout.state1);
  const fresh = !first && !good(layout.state2);
  let pos = 0;
  let moves = 0;
  if (first) {
    const id = view.readUInt32LE(layout.state1 + 28);
    moves = view.readUInt32LE(layout.state1 + 8);
    const is = (place: number): boolean => record(id, place).every((byte, i) => image[layout.state1 + 64 + place * 16 + i] === byte);
    while (pos < layout.sectors && is(pos)) pos++;
  } else if (!fresh) {
    moves = view.readUInt32LE(layout.state2 + 8);
    pos = layout.sectors;
  }
  const content = new Uint8Array(layout.sectors * SECTOR);
  for (let sector = 0; sector < layout.sectors; sector++) {
    const at = placeOf(layout, sector, pos, moves) * SECTOR;
    content.set(image.subarray(at, at + SECTOR), sector * SECTOR);
  }
  if (safe) {
    const end = (layout.sectors - 2) * SECTOR;
    const note = Buffer.from(content.subarray(end, end + 16));
    if (note.readUInt32LE(0) === 0x12345678) {
      const [base, from, count] = [4, 8, 12].map((i) => note.readUInt32LE(i));
      for (let i = 0; i < 8; i++)
        if (i < from || i >= from + count)
          content.set(content.slice(end + SECTOR + i * 512, end + SECTOR + i * 512 + 512), base * SECTOR + i * 512);
    }
  }
  return { pos, moves, content, fresh };
}
