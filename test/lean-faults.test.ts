/** The small littlefs where something fails on the way: what was synced stays, and nothing half-done is taken for whole. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BlockDevice } from '../modules/contract/filesystem';
import * as lean from '../modules/lean';
import { VfsLfs2 } from '../modules/littlefs2';
import { checkLfs2 } from './independent/lfs2-reader';
import { Flash } from './torture/flash';
import { putLittle, putTogether, type RawLog, type RawTag, takeApart } from './torture/log-codec';

/** A device the n-th operation of which fails, counted from when `left` was set; `times` in a row. */
class Failing extends Flash {
  left = Number.POSITIVE_INFINITY;
  times = 1;
  constructor(blockSize: number, blockCount: number, unit = 4, image?: Uint8Array) {
    super({ blockSize, blockCount, progSize: 32, unit }, image);
    this.lenient = true;
    this.before = () => this.fails();
  }
  private fails(): number | undefined {
    return --this.left < 0 && this.left >= -this.times ? -5 : undefined;
  }
  readblocks(block: number, buf: Uint8Array, offset: number): number {
    return this.failReads && this.fails() ? -5 : super.readblocks(block, buf, offset);
  }
  failReads = false;
}

function volume(blockSize: number, blockCount: number, unit = 4): Failing {
  const flash = new Failing(blockSize, blockCount, unit);
  lean.VfsLfs2.mkfs(flash as BlockDevice);
  lean.mount(flash as BlockDevice, '/f');
  return flash;
}

function again(flash: Failing): void {
  flash.left = Number.POSITIVE_INFINITY;
  lean.umount('/f', { force: true });
  lean.mount(flash as BlockDevice, '/f');
}

function code(work: () => unknown): string {
  try {
    work();
    return '';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

const sound = (flash: Failing, progSize = 32) =>
  assert.equal(checkLfs2(flash.image, flash.shape.blockSize, undefined, { progSize }).problems, []);

test.after.each(() => {
  try {
    lean.umount('/f', { force: true });
  } catch {
    // Nothing is mounted.
  }
});

test('free blocks that were counted by half are counted again: no block of a file is handed out', () => {
  for (let n = 0; n < 30; n++) {
    const flash = volume(512, 60);
    lean.writeFile('/f/a', 'A'.repeat(6000));
    again(flash);
    flash.failReads = true;
    flash.left = n;
    code(() => lean.statvfs('/f'));
    flash.left = n >> 1;
    code(() => lean.writeFile('/f/c', 'c'.repeat(700)));
    flash.left = Number.POSITIVE_INFINITY;
    lean.writeFile('/f/b', 'b'.repeat(9000));
    assert.is(lean.readFile('/f/a', 'utf8'), 'A'.repeat(6000), `${n}`);
    sound(flash);
    lean.umount('/f');
  }
});

test('a flush, a read or a write that failed half-way commits nothing of it: not then, and not at close', () => {
  const old = 'o'.repeat(2400);
  for (const how of ['flush', 'read', 'force', 'write'])
    for (const times of [1, 3])
      for (let n = 0; n < 12; n++) {
        const flash = volume(512, 40);
        lean.writeFile('/f/a', old);
        const file = lean.open('/f/a', 'r+');
        file.seek(100);
        flash.times = times;
        if (how === 'write') {
          flash.left = n;
          code(() => file.write('n'.repeat(1500)));
        } else {
          file.write('HELLO');
          flash.left = n;
          code(() => (how === 'read' ? file.read() : file.flush()));
        }
        if (how === 'force') lean.umount('/f', { force: true });
        flash.left = Number.POSITIVE_INFINITY;
        if (how === 'force') lean.mount(flash as BlockDevice, '/f');
        else {
          code(() => file.flush());
          file.close();
        }
        const now = lean.readFile('/f/a', 'utf8') as string;
        const whole = [old, `${old.slice(0, 100)}HELLO${old.slice(105)}`, `${old.slice(0, 100)}${'n'.repeat(1500)}${old.slice(1600)}`];
        assert.ok(whole.includes(now), `${how}, ${n}, ${times}: ${now.length}`);
        sound(flash);
        lean.umount('/f');
      }
});

test('writeFile over a small file while the device fails several times in a row: the old content or all of the new', () => {
  for (let times = 1; times < 4; times++)
    for (let n = 0; n < 12; n++) {
      const flash = volume(512, 40);
      lean.writeFile('/f/a', 'old');
      flash.failReads = true;
      flash.times = times;
      flash.left = n;
      code(() => lean.writeFile('/f/a', 'n'.repeat(1500)));
      flash.left = Number.POSITIVE_INFINITY;
      const now = lean.readFile('/f/a', 'utf8') as string;
      assert.ok(now === 'old' || now === 'n'.repeat(1500), `${times}, ${n}: ${now.length}`);
      lean.umount('/f');
    }
});

test('a rename that fails leaves the file where it was, for reads too, and is one file after its second half fails', () => {
  for (let n = 0; n < 10; n++) {
    const flash = volume(512, 40);
    lean.mkdir('/f/d');
    lean.mkdir('/f/e');
    lean.writeFile('/f/d/x', 'here');
    flash.left = n;
    code(() => lean.rename('/f/d/x', '/f/e/x'));
    flash.left = Number.POSITIVE_INFINITY;
    const found = [...lean.listdir('/f/d').map((name) => `/f/d/${name}`), ...lean.listdir('/f/e').map((name) => `/f/e/${name}`)];
    assert.is(found.length, 1, `${n}: ${found}`);
    assert.is(lean.readFile(found[0], 'utf8'), 'here');
    lean.umount('/f');
  }
  // No room for the new name.
  volume(512, 4);
  lean.writeFile('/f/x', 'here');
  lean.mkdir('/f/d');
  let k = 0;
  while (!code(() => lean.writeFile('/f/d/m' + k, ''))) k++;
  assert.is(
    code(() => lean.rename('/f/x', '/f/d/m0' + 'g'.repeat(200))),
    'ENOSPC',
  );
  assert.ok(lean.exists('/f/x'));
  assert.ok(lean.listdir('/f').includes('x'));
});

test('a change after a mount with a pending move ends the move first, with blocks counted', () => {
  for (let n = 0; n < 40; n++) {
    const flash = volume(256, 60);
    lean.mkdir('/f/d');
    lean.mkdir('/f/e');
    for (let i = 0; i < 9; i++) lean.writeFile('/f/d/long-name-' + i, 'x'.repeat(20));
    flash.left = n;
    code(() => lean.rename('/f/d/long-name-4', '/f/e/there'));
    again(flash);
    lean.writeFile('/f/after', 'ok');
    sound(flash);
    assert.is(Number(lean.exists('/f/d/long-name-4')) + Number(lean.exists('/f/e/there')), 1);
    lean.umount('/f');
  }
});

test('behind the log of another driver that programs less at once, units are programmed whole and once', () => {
  for (const [theirs, unit] of [
    [1, 4],
    [4, 16],
    [16, 32],
  ]) {
    const theirFlash = new Flash({ blockSize: 512, blockCount: 40, progSize: theirs, unit: 1 });
    const options = { progsize: theirs, readsize: theirs, cachesize: 64, mtime: false };
    VfsLfs2.mkfs(theirFlash, options);
    const whole = new VfsLfs2(theirFlash, options);
    whole.mount(false, false);
    whole.mkdir('/abc');
    whole.umount();
    const flash = new Failing(512, 40, unit, theirFlash.image);
    // Nothing is programmed that is not erased, nor twice, nor by halves of a unit.
    flash.lenient = false;
    lean.mount(flash as BlockDevice, '/f');
    for (let i = 0; i < 6; i++) lean.writeFile('/f/abc/n' + i, 'x'.repeat(i * 7));
    assert.equal(lean.listdir('/f/abc').length, 6);
    sound(flash, 1);
    lean.umount('/f');
  }
});

test('an open file is that file, whatever became of the blocks and the path of its directory', () => {
  const flash = volume(512, 40);
  const file = lean.open('/f/a', 'w');
  file.write('kept');
  for (let i = 0; i < 40; i++) lean.writeFile('/f/other', 'x'.repeat(100 + i));
  flash.left = 0;
  assert.is(
    code(() => lean.writeFile('/f/other', 'y')),
    'EIO',
  );
  flash.left = Number.POSITIVE_INFINITY;
  lean.writeFile('/f/other', 'z');
  assert.is(
    code(() => lean.remove('/f/a')),
    'EBUSY',
  );
  file.close();
  assert.is(lean.readFile('/f/a', 'utf8'), 'kept');
  lean.mkdir('/f/d');
  const inside = lean.open('/f/d/a', 'w');
  lean.rename('/f/d', '/f/e');
  assert.is(
    code(() => lean.open('/f/e/a', 'a')),
    'EBUSY',
  );
  lean.mkdir('/f/d');
  lean.open('/f/d/a', 'w').close();
  inside.write('moved');
  inside.close();
  assert.is(lean.readFile('/f/e/a', 'utf8'), 'moved');
});

test('a pair has at most 1,023 entries, and what is too many is ENOSPC', () => {
  volume(16384, 3);
  let n = 0;
  let failed = '';
  while (!failed && n < 1100) {
    failed = code(() => lean.writeFile('/f/' + n.toString(36), ''));
    if (!failed) n++;
  }
  assert.is(failed, 'ENOSPC');
  assert.is(lean.listdir('/f').length, n);
});

test('sizes and limits that cannot be are refused before anything is allocated', () => {
  const flash = volume(512, 40);
  lean.writeFile('/f/a', 'x'.repeat(2000));
  lean.umount('/f');
  const edited = (change: (tag: RawTag) => unknown): Failing => {
    const image = flash.image.slice();
    for (const block of [0, 1]) {
      const log = takeApart(image.subarray(block * 512, block * 512 + 512)) as RawLog;
      log.commits.flat().forEach(change);
      image.set(putTogether(log, 512, 32, true), block * 512);
    }
    return new Failing(512, 40, 4, image);
  };
  for (const size of [0x7ffffff0, -5]) {
    lean.mount(edited((tag) => tag.type === 0x202 && putLittle(tag.data, 4, size)) as BlockDevice, '/f');
    for (const work of [() => lean.stat('/f/a'), () => lean.readFile('/f/a'), () => lean.open('/f/a', 'a')])
      assert.is(code(work), 'ECORRUPT');
    lean.umount('/f');
  }
  for (const [word, value] of [
    [3, 2000],
    [3, 0],
    [4, -1],
  ])
    assert.is(
      code(() =>
        lean.mount(edited((tag) => tag.type === 0x201 && tag.length === 24 && putLittle(tag.data, 4 * word, value)) as BlockDevice, '/f'),
      ),
      'EINVAL',
    );
  lean.mount(edited((tag) => tag.type === 0x201 && tag.length === 24 && putLittle(tag.data, 16, 3000)) as BlockDevice, '/f');
  assert.is(
    code(() => lean.writeFile('/f/a', 'x'.repeat(3001))),
    'EFBIG',
  );
});

test('a gap of megabytes does not go deeper with its size', () => {
  volume(4096, 1100, 1);
  const file = lean.open('/f/gap', 'w');
  file.seek(4_000_000);
  file.write('end');
  file.close();
  assert.is(lean.stat('/f/gap')[6], 4_000_003);
});

test('a file whose reading failed is closed again', () => {
  const flash = volume(512, 40);
  lean.writeFile('/f/a', 'x'.repeat(2000));
  again(flash);
  flash.failReads = true;
  for (let n = 0; n < 8; n++) {
    flash.left = n;
    code(() => lean.readFile('/f/a'));
    flash.left = Number.POSITIVE_INFINITY;
    lean.remove('/f/a');
    lean.writeFile('/f/a', 'x'.repeat(2000));
  }
  lean.umount('/f');
});

test.run();
