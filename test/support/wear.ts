/** Partitions with FAT under ESP-IDF's wear levelling, and such ones with damaged states. */
import * as assert from 'uvu/assert';
import { VfsFat, WearLevelling, type WearOptions } from '../../modules/index';
import * as vfs from '../../modules/vfs';
import { layoutOf, makeImage, readImage } from '../independent/wear-levelling';
import { generator } from '../torture/random';
import { code } from './code';
import { Nor } from './nor';

export const SECTOR = 4096;

/** What wear levelling keeps in a partition of so many bytes: FAT with a file and two directories. */
export function volume(bytes: number, mode: WearOptions['mode']): Uint8Array {
  const nor = new Nor(new Uint8Array(bytes).fill(0xff));
  const device = new WearLevelling(nor.device(), { mode });
  VfsFat.mkfs(device);
  vfs.mount(new VfsFat(device), '/w');
  vfs.writeFile('/w/a.txt', 'from there');
  vfs.makedirs('/w/d/e');
  vfs.umount('/w');
  return readImage(nor.bytes).content;
}

const BYTES = 24 * SECTOR;
let contents: Uint8Array[] | undefined;

/**
 * Mounts a partition with damaged states and notes, and writes to it, twice. Gives what both rounds ended in.
 * @throws an assertion where the outcome is neither a coded error nor a volume that can be used
 */
export function exerciseWear(seed: number): string[] {
  contents ??= ([undefined, 'perf', 'safe'] as const).map((mode) => volume(BYTES, mode));
  const layout = layoutOf(BYTES);
  const random = generator(seed);
  const state = { pos: random(layout.sectors + 1), moves: random(layout.sectors), id: random(1000) };
  const nor = new Nor(makeImage(BYTES, contents[random(3)], state));
  const note = random(layout.sectors + 1) * SECTOR;
  for (let n = 1 + random(6); n--; ) {
    const at = [layout.state1, layout.state2, layout.config, note][random(4)] + random(random(2) ? 64 : 400);
    nor.bytes[at] = random(2) ? random(256) : nor.bytes[at] ^ (1 << random(8));
  }
  if (!random(3)) new DataView(nor.bytes.buffer).setUint32(note, 0x78563412);
  if (!random(9)) nor.bytes.fill(255 * random(2), layout[random(2) ? 'state1' : 'state2'], layout.state2 + random(SECTOR));
  const outcomes: string[] = [];
  for (let round = 0; round < 2; round++) {
    const outcome = code(() => {
      vfs.mount(nor.device(random(2) === 0), '/w');
      vfs.listdir('/w');
      vfs.writeFile('/w/new', `${seed}`);
      vfs.umount('/w');
      vfs.mount(nor.device(), '/w');
      assert.is(vfs.readFile('/w/new', 'utf8'), `${seed}`);
    });
    // What could not be written says so once more, and is away nevertheless.
    for (const [, point] of vfs.mount())
      assert.match(
        code(() => vfs.umount(point as never, { force: true })),
        /^(nothing|E[A-Z]+)$/,
        `seed ${seed}`,
      );
    assert.equal(vfs.mount(), []);
    assert.match(outcome, /^(nothing|E[A-Z]+)$/, `seed ${seed}`);
    outcomes.push(outcome);
  }
  return outcomes;
}
