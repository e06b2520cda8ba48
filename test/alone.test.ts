/** A volume that is used by itself, without being mounted, as MicroPython's volumes can be. */
import { suite as group } from 'uvu';
import * as assert from 'uvu/assert';
import * as vfs from '../modules/index';
import { RAMBlockDev, VfsFat, VfsLfs2 } from '../modules/index';

const code = (expected: string, path?: string) => (error: Error & { code?: string; path?: string }) =>
  error instanceof Error && error.code === expected && (path === undefined || error.path === path);

for (const kind of [VfsFat, VfsLfs2]) {
  const test = group('alone: ' + kind.name);
  const device = (): RAMBlockDev => {
    const bdev = new RAMBlockDev(512, 400);
    kind.mkfs?.(bdev);
    return bdev;
  };
  const put = (fs: VfsFat | VfsLfs2, path: string, text: string): void => {
    const file = fs.open(path, 'w');
    file.write(text);
    file.close();
  };

  test('files, directories and relative paths', () => {
    const fs = new kind(device());
    put(fs, 'f.txt', 'one\ntwo\n');
    const file = fs.open('/f.txt');
    assert.equal([file.readline(), file.tell(), file.read()], ['one\n', 4, 'two\n']);
    assert.throws(() => file.write('no'), code('EBADF', '/f.txt'));
    file.close();
    fs.mkdir('d');
    assert.is(fs.getcwd(), '/');
    fs.chdir('d');
    assert.is(fs.getcwd(), '/d');
    put(fs, 'g', 'in d');
    put(fs, './../d//h', 'in d too');
    assert.equal(fs.listdir().sort(), ['g', 'h']);
    assert.equal(fs.listdir('..').sort(), ['d', 'f.txt']);
    assert.equal(
      [...(fs.ilistdir('/') as unknown as Iterable<unknown[]>)].map((entry) => entry.length),
      [4, 4],
    );
    fs.rename('g', '../moved');
    fs.remove('/d/h');
    assert.equal(fs.listdir('.'), []);
    assert.is(fs.stat('../moved')[6], 4);
    assert.is(fs.stat('/')[0], 0x4000);
    fs.chdir('..');
    fs.chdir('..');
    assert.is(fs.getcwd(), '/');
    fs.rmdir('d');
    assert.equal(fs.listdir('/').sort(), ['f.txt', 'moved']);
    const space = fs.statvfs('.');
    assert.ok(space.length === 10 && space[3] > 0);
    assert.equal(vfs.mount(), []);
  });

  test('errors carry code, operation and the absolute path', () => {
    const fs = new kind(device());
    fs.mkdir('d');
    fs.chdir('d');
    assert.throws(() => fs.stat('none'), code('ENOENT', '/d/none'));
    assert.throws(() => fs.open('../x/y', 'w'), code('ENOENT', '/x/y'));
    assert.throws(() => fs.open('f', 'rw'), code('EINVAL', '/d/f'));
    assert.throws(() => fs.chdir('none'), code('ENOENT', '/d/none'));
    put(fs, 'f', '');
    assert.throws(() => fs.chdir('f'), code('ENOTDIR', '/d/f'));
    assert.throws(() => fs.mkdir('/d'), code('EEXIST', '/d'));
    assert.throws(() => fs.rmdir('..'), code('EBUSY', '/'));
    assert.throws(() => fs.stat(5 as never), TypeError);
    assert.is(fs.getcwd(), '/d');
  });

  test('a blank device is told at the first use, and again', () => {
    const blank = new RAMBlockDev(512, 400);
    const fs = new kind(blank);
    for (let i = 0; i < 2; i++)
      assert.throws(
        () => fs.listdir('/'),
        (e: Error & { code?: string }) => e.code === 'ENODEV' || e.code === 'ECORRUPT',
      );
    kind.mkfs?.(blank);
    assert.equal(fs.listdir('/'), []);
  });

  test('two volumes by themselves and the tree do not see each other', () => {
    const one = new kind(device());
    const two = new kind(device());
    vfs.mount(new kind(device()), '/');
    vfs.writeFile('/root', '');
    vfs.mkdir('/w');
    vfs.chdir('/w');
    put(one, 'in one', '');
    one.mkdir('d');
    one.chdir('d');
    put(two, 'in two', '');
    assert.equal([one.getcwd(), two.getcwd(), vfs.getcwd()], ['/d', '/', '/w']);
    assert.equal([one.listdir('/').sort(), two.listdir('/'), vfs.listdir('/').sort()], [['d', 'in one'], ['in two'], ['root', 'w']]);
    vfs.chdir('/');
    vfs.umount('/');
  });

  test('a block device that uses the tree finds the tree', () => {
    const ram = device();
    vfs.mount(new kind(device()), '/');
    const seen: string[] = [];
    const bdev = {
      readblocks: (block: number, buf: Uint8Array, offset?: number) => {
        seen.push(vfs.getcwd() + vfs.mount().length);
        return ram.readblocks(block, buf, offset);
      },
      writeblocks: (block: number, buf: Uint8Array, offset?: number) => {
        const log = vfs.open('/log', 'a');
        log.write('w');
        log.close();
        return ram.writeblocks(block, buf, offset);
      },
      ioctl: (op: number, arg: number) => ram.ioctl(op, arg),
    };
    const fs = new kind(bdev);
    fs.mkdir('d');
    fs.chdir('d');
    put(fs, 'f', 'content');
    assert.equal(fs.listdir('/'), ['d']);
    assert.ok(vfs.stat('/log')[6] > 0);
    assert.ok(seen.length > 0 && seen.every((one) => one === '/1'), seen.join());
    assert.equal(vfs.listdir('/'), ['log']);
    vfs.umount('/');
  });

  test('then it is mounted: nothing is lost, and open files are EBUSY first', () => {
    const bdev = device();
    const fs = new kind(bdev);
    const file = fs.open('f', 'w');
    file.write('content');
    assert.throws(() => vfs.mount(fs, '/sd'), code('EBUSY'));
    assert.is(vfs.mount().length, 0);
    file.close();
    vfs.mount(fs, '/sd');
    assert.is(vfs.readFile('/sd/f', 'utf8'), 'content');
    vfs.writeFile('/sd/g', 'more');
    vfs.umount('/sd');
    assert.equal(new kind(bdev).listdir('/').sort(), ['f', 'g']);
  });

  test('umount ends it, and the next use begins anew', () => {
    const bdev = device();
    const fs = new kind(bdev);
    put(fs, 'f', 'content');
    fs.umount();
    const other = new kind(bdev);
    put(other, 'g', 'more');
    other.umount();
    assert.equal(fs.listdir('/').sort(), ['f', 'g']);
  });

  test('after sync what was written is on the medium', () => {
    const bdev = device();
    const fs = new kind(bdev);
    const file = fs.open('f', 'w');
    file.write('content');
    fs.sync();
    assert.is(new kind(bdev).stat('f')[6], 7);
    file.close();
  });

  test.run();
}
