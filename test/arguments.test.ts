/** Wrong arguments and options, one by one, of everything that the package gives: each is refused by name, and nothing is written. */
import { suite as group, test } from 'uvu';
import * as assert from 'uvu/assert';
import * as vfs from '../modules/index';
import { fsckFat, fsckLfs2, RAMBlockDev, salvageLfs2, VfsFat, VfsLfs2 } from '../modules/index';
import { Medium, refusesAll, type Wrong } from './support/wrong';

const TEXT = ['string'];
const PLAIN = ['an object', 'an array', 'what has a value'];

/** A volume with a file and a directory, mounted, and how to see that nothing on it has changed. */
function mounted(kind: typeof VfsFat | typeof VfsLfs2): { medium: Medium; volume: VfsFat | VfsLfs2; unchanged: () => void } {
  const medium = new Medium(512, 300);
  kind.mkfs?.(medium);
  const volume = new kind(medium);
  vfs.mount(volume, '/');
  vfs.writeFile('/f', 'content\nof a file\n');
  vfs.mkdir('/d');
  vfs.sync();
  medium.calls = 0;
  const before = medium.bytes.slice();
  return {
    medium,
    volume,
    unchanged: () => {
      assert.ok(Buffer.compare(before, medium.bytes) === 0, 'something was written');
      assert.equal(vfs.listdir('/').sort(), ['d', 'f']);
      assert.is(vfs.getcwd(), '/');
      assert.is(vfs.mount().length, 1);
      medium.calls = 0;
    },
  };
}

const path = (call: (value: never) => unknown): Wrong => ({ name: 'path', call, takes: TEXT });
const options = (call: (value: never) => unknown): Wrong => ({ name: 'options', call, takes: PLAIN });
const boolean = (name: string, call: (value: never) => unknown): Wrong => ({ name, call, takes: ['boolean'] });

const calls: { [operation: string]: Wrong[] } = {
  open: [path((v) => vfs.open(v)), { name: 'mode', call: (v) => vfs.open('/f', v), takes: TEXT }],
  listdir: [path((v) => vfs.listdir(v))],
  ilistdir: [path((v) => vfs.ilistdir(v))],
  walk: [path((v) => vfs.walk(v))],
  stat: [path((v) => vfs.stat(v))],
  statvfs: [path((v) => vfs.statvfs(v))],
  exists: [path((v) => vfs.exists(v))],
  mkdir: [path((v) => vfs.mkdir(v))],
  makedirs: [path((v) => vfs.makedirs(v))],
  rmdir: [path((v) => vfs.rmdir(v))],
  rmtree: [path((v) => vfs.rmtree(v))],
  remove: [path((v) => vfs.remove(v))],
  unlink: [path((v) => vfs.unlink(v))],
  chdir: [path((v) => vfs.chdir(v))],
  rename: [path((v) => vfs.rename(v, '/g')), path((v) => vfs.rename('/f', v))],
  copy: [path((v) => vfs.copy(v, '/g')), path((v) => vfs.copy('/f', v))],
  readFile: [path((v) => vfs.readFile(v)), { name: 'encoding', call: (v) => vfs.readFile('/f', v) }],
  writeFile: [path((v) => vfs.writeFile(v, 'x')), { name: 'data', call: (v) => vfs.writeFile('/f', v), takes: TEXT }],
  mount: [
    { name: 'fsobj', call: (v) => vfs.mount(v, '/m') },
    { name: 'mountPoint', call: (v) => vfs.mount(new RAMBlockDev(512, 64), v), takes: TEXT },
    options((v) => vfs.mount(new RAMBlockDev(512, 64), '/m', v)),
    boolean('readonly', (v) => vfs.mount(new RAMBlockDev(512, 64), '/m', { readonly: v })),
    boolean('mkfs', (v) => vfs.mount(new RAMBlockDev(512, 64), '/m', { mkfs: v })),
  ],
  umount: [
    { name: 'target', call: (v) => vfs.umount(v), takes: TEXT },
    options((v) => vfs.umount('/', v)),
    boolean('force', (v) => vfs.umount('/', { force: v })),
  ],
  addDriver: [{ name: 'type', call: (v) => vfs.addDriver(v) }],
};

const file = (mode: string, call: (file: vfs.VfsFile, value: never) => unknown) => (value: never) => {
  const one = vfs.open('/f', mode);
  try {
    return call(one, value);
  } finally {
    assert.ok(one.tell() === 0 && one.seek(0, 2) === 18, 'the file is as it was');
    one.close();
  }
};
/** A negative number means no limit. */
const LIMIT = ['-1'];
const fileCalls: { [operation: string]: Wrong[] } = {
  read: [
    { name: 'n', call: file('r', (f, v) => f.read(v)), takes: LIMIT },
    { name: 'n', call: file('rb', (f, v) => f.read(v)), takes: LIMIT },
  ],
  readline: [{ name: 'n', call: file('r', (f, v) => f.readline(v)), takes: LIMIT }],
  readinto: [
    { name: 'buf', call: file('rb', (f, v) => f.readinto(v)) },
    { name: 'n', call: file('rb', (f, v) => f.readinto(new Uint8Array(4), v)) },
  ],
  seek: [
    { name: 'offset', call: file('r', (f, v) => f.seek(v)) },
    { name: 'offset', call: file('r', (f, v) => f.seek(v, 1)) },
    { name: 'whence', call: file('r', (f, v) => f.seek(1, v)) },
  ],
};
const writes: { [operation: string]: Wrong[] } = {
  write: [
    { name: 'data', call: file('r+', (f, v) => f.write(v)), takes: TEXT },
    { name: 'n', call: file('r+', (f, v) => f.write('abc', v)) },
    { name: 'offset', call: file('r+', (f, v) => f.write('abc', v, 1)) },
    { name: 'n', call: file('r+', (f, v) => f.write('abc', 1, v)) },
    { name: 'n', call: file('r+', (f, v) => f.write('abc', undefined as never, v)) },
  ],
  truncate: [{ name: 'size', call: file('r+', (f, v) => f.truncate(v)) }],
};

for (const kind of [VfsLfs2, VfsFat]) {
  const on = group('arguments over ' + kind.name);
  for (const [operation, list] of [...Object.entries(calls), ...Object.entries(fileCalls)])
    on(operation, () => {
      const { unchanged } = mounted(kind);
      for (const one of list) refusesAll(operation, one, unchanged);
      vfs.umount('/');
    });
  // Opening for writing may mark the volume, or note the time: the content is what counts.
  for (const [operation, list] of Object.entries(writes))
    on(operation, () => {
      mounted(kind);
      for (const one of list) refusesAll(operation, one, () => assert.is(vfs.readFile('/f', 'utf8'), 'content\nof a file\n'));
      vfs.umount('/');
    });
  on.run();
}

test('VfsLfs2: the constructor, mkfs, fsck and salvage', () => {
  const medium = new Medium(512, 64);
  VfsLfs2.mkfs(medium);
  const before = medium.bytes.slice();
  const unchanged = () => assert.ok(Buffer.compare(before, medium.bytes) === 0, 'something was written');
  const target = { stat: () => [] };
  const uses: [string, (given: never) => unknown][] = [
    ['new', (o) => new VfsLfs2(medium, o)],
    ['mkfs', (o) => VfsLfs2.mkfs(medium, o)],
    ['fsck', (o) => fsckLfs2(medium, o)],
    ['salvage', (o) => salvageLfs2(medium, target as never, o)],
  ];
  for (const [where, use] of uses) {
    refusesAll(where, options(use), unchanged);
    for (const name of ['readsize', 'progsize', 'cachesize', 'lookahead'])
      refusesAll(where, { name, call: (v) => use({ [name]: v } as never) }, unchanged);
    for (const name of ['tables', 'blockCycles']) refusesAll(where, { name, call: (v) => use({ [name]: v } as never) }, unchanged);
    refusesAll(
      where,
      boolean('mtime', (v) => use({ mtime: v } as never)),
      unchanged,
    );
    for (const name of ['readsize', 'progsize', 'cachesize', 'lookahead'])
      assert.throws(
        () => use({ [name]: 0 } as never),
        (e: Error & { code?: string }) => e.code === 'EINVAL' && e.message.includes(name),
      );
  }
  refusesAll('mkfs', { name: 'diskVersion', call: (v) => VfsLfs2.mkfs(medium, { diskVersion: v }) }, unchanged);
  refusesAll(
    'fsck',
    boolean('repair', (v) => fsckLfs2(medium, { repair: v })),
    unchanged,
  );
  refusesAll('fsck', { name: 'onFinding', call: (v) => fsckLfs2(medium, { onFinding: v }) }, unchanged);
  refusesAll('salvage', { name: 'onFinding', call: (v) => salvageLfs2(medium, target as never, { onFinding: v }) }, unchanged);
  refusesAll('salvage', { name: 'to', call: (v) => salvageLfs2(medium, v), takes: PLAIN }, unchanged);
  refusesAll('new', { name: 'bdev', call: (v) => new VfsLfs2(v) }, unchanged);
  refusesAll('mkfs', { name: 'bdev', call: (v) => VfsLfs2.mkfs(v) }, unchanged);
  // What a device states of itself.
  for (const call of [(d: never) => new VfsLfs2(d), (d: never) => VfsLfs2.mkfs(d)])
    refusesAll(
      'device',
      { name: 'progsize', call: (v) => call(Object.assign(Object.create(medium), { progsize: v }) as never) },
      unchanged,
    );
});

test('VfsLfs2: attributes, gc and grow', () => {
  const { volume, unchanged } = mounted(VfsLfs2);
  const fs = volume as VfsLfs2;
  const value = new Uint8Array([1]);
  refusesAll('getattr', { name: 'type', call: (v) => fs.getattr('/f', v) }, unchanged);
  refusesAll('setattr', { name: 'type', call: (v) => fs.setattr('/f', v, value) }, unchanged);
  refusesAll('setattr', { name: 'value', call: (v) => fs.setattr('/f', 65, v) }, unchanged);
  assert.throws(
    () => fs.setattr('/f', 65, undefined as never),
    (e: Error) => e instanceof TypeError && e.message.includes('value'),
  );
  refusesAll('removeattr', { name: 'type', call: (v) => fs.removeattr('/f', v) }, unchanged);
  refusesAll('gc', { name: 'budget', call: (v) => fs.gc(v) }, unchanged);
  refusesAll('grow', { name: 'blockCount', call: (v) => fs.grow(v) }, unchanged);
  vfs.umount('/');
});

test('VfsFat: the constructor, mkfs, fsck and the label', () => {
  const { volume, medium, unchanged } = mounted(VfsFat);
  const mkfs = VfsFat.mkfs as NonNullable<typeof VfsFat.mkfs>;
  refusesAll('setLabel', { name: 'text', call: (v) => (volume as VfsFat).setLabel(v), takes: TEXT }, unchanged);
  for (const [where, use] of [
    ['new', (o) => new VfsFat(medium, o)],
    ['mkfs', (o) => mkfs(medium, o)],
    ['fsck', (o) => fsckFat(medium, o)],
  ] as [string, (given: never) => unknown][])
    refusesAll(where, options(use), unchanged);
  refusesAll('new', { name: 'partition', call: (v) => new VfsFat(medium, { partition: v }) }, unchanged);
  refusesAll('fsck', { name: 'partition', call: (v) => fsckFat(medium, { partition: v }) }, unchanged);
  refusesAll(
    'fsck',
    boolean('repair', (v) => fsckFat(medium, { repair: v })),
    unchanged,
  );
  refusesAll('fsck', { name: 'onFinding', call: (v) => fsckFat(medium, { onFinding: v }) }, unchanged);
  for (const name of ['type', 'clusterSize', 'align']) refusesAll('mkfs', { name, call: (v) => mkfs(medium, { [name]: v }) }, unchanged);
  refusesAll(
    'mkfs',
    boolean('partition', (v) => mkfs(medium, { partition: v })),
    unchanged,
  );
  refusesAll(
    'mkfs',
    { name: 'label', call: (v) => mkfs(medium, { label: v }), takes: ['text', 'digits', 'hexadecimal', 'empty text', '__proto__'] },
    unchanged,
  );
  refusesAll('new', { name: 'bdev', call: (v) => new VfsFat(v) }, unchanged);
  refusesAll('mkfs', { name: 'bdev', call: (v) => mkfs(v) }, unchanged);
  vfs.umount('/');
});

test('VfsFat.mkfs: numbers that fit no volume are EINVAL before anything is written', () => {
  const mkfs = VfsFat.mkfs as NonNullable<typeof VfsFat.mkfs>;
  const medium = new Medium(512, 8192);
  for (const [name, values] of Object.entries({
    align: [0, 100, 511, 513, 1000, 1e9],
    clusterSize: [0, 1, 511, 513, 1536, 65536 * 2],
    type: [0, 8, 13, 31],
  }))
    for (const value of values) {
      assert.throws(
        () => mkfs(medium, { [name]: value }),
        (e: Error & { code?: string }) => e.code === 'EINVAL' && e.message.includes(name),
        name + ' ' + value,
      );
      assert.ok(medium.bytes.every((byte) => byte === 255));
    }
  // 16 bits of the boot sector say how much lies before the FAT.
  let written = 0;
  const large = {
    readblocks: () => 0,
    writeblocks: () => void written++,
    ioctl: (op: number) => (op === 4 ? 1 << 22 : op === 5 ? 512 : 0),
  };
  assert.throws(() => mkfs(large, { align: 1 << 26, partition: true }), /align/);
  assert.is(written, 0);
  for (const align of [1, 256, 512, 4096, 65536]) mkfs(medium, { align });
});

test('MicroPython positional arguments are a TypeError, never ignored', () => {
  const medium = new Medium(512, 64);
  const blank = medium.bytes.slice();
  const loose = { ...vfs } as unknown as Record<string, (...args: unknown[]) => unknown>;
  const Lfs2 = VfsLfs2 as unknown as { new (...args: unknown[]): unknown; mkfs(...args: unknown[]): void };
  const Fat = VfsFat as unknown as { new (...args: unknown[]): unknown; mkfs(...args: unknown[]): void };
  for (const call of [
    () => loose.mount(medium, '/', true),
    () => loose.mount(medium, '/', false, true),
    () => loose.umount('/', true),
    () => Lfs2.mkfs(medium, 32, 32, 32),
    () => new Lfs2(medium, 32, 32, 32),
    () => Fat.mkfs(medium, 512),
    () => new Fat(medium, 1),
  ])
    assert.throws(call, (e: Error) => e instanceof TypeError && e.message.includes('options'));
  assert.ok(Buffer.compare(blank, medium.bytes) === 0);
  assert.is(vfs.mount().length, 0);
});

test('what a device says of its geometry is whole numbers, or EINVAL before anything else is asked', () => {
  for (const op of [4, 5])
    for (const [what, value] of [
      ['text', '512'],
      ['NaN', Number.NaN],
      ['fraction', 512.5],
      ['infinite', Number.POSITIVE_INFINITY],
      ['negative', -512],
      ['object', {}],
      ['true', true],
    ] as [string, unknown][]) {
      let asked = 0;
      const device = {
        readblocks: (_b: number, _d: Uint8Array, _o?: number) => void asked++,
        writeblocks: (_b: number, _d: Uint8Array, _o?: number) => void asked++,
        ioctl: (one: number) => (one === op ? value : one === 4 ? 64 : one === 5 ? 512 : 0),
      };
      for (const call of [
        () => new VfsLfs2(device),
        () => VfsLfs2.mkfs(device),
        () => new VfsFat(device),
        () => VfsFat.mkfs?.(device),
        () => vfs.mount(device, '/m', { mkfs: true }),
      ])
        assert.throws(call, (e: Error & { code?: string }) => e.code === 'EINVAL', `op ${op}: ${what}`);
      assert.is(asked, 0);
    }
});

test.run();
