import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VfsError } from '../modules/contract/errno';
import type { DirEntry, DirIterator, FileSystem, RawFile } from '../modules/contract/filesystem';
import { RAMBlockDev, type RomTree, romfs, VfsFat, VfsLfs2, VfsOverlay, VfsRom } from '../modules/index';
import * as vfs from '../modules/vfs';
import { MemFs, makeMedium } from './support/memfs';
import { Cut, Nor } from './support/nor';
import { rounds } from './support/rounds';
import { generator, pick, type Random } from './torture/random';

const FACTORY: RomTree = {
  'readme.txt': 'factory',
  'big.bin': new Uint8Array(1500).map((_, i) => i),
  d: { x: 'dx', y: 'dy', e: { z: 'dez', empty: {} }, gone: {} },
  lone: { one: '1' },
  void: {},
};

function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as VfsError).code || String((error as Error).stack);
  }
  return 'done';
}

/** Everything in a file system: paths, and contents of files. */
function snapshot(fs: FileSystem): { [path: string]: string } {
  const all: { [path: string]: string } = {};
  const look = (dir: string): void => {
    const names: string[] = [];
    const entries = fs.ilistdir?.(dir || '/') as DirIterator;
    for (let step = entries.next(); !step.done; step = entries.next()) {
      const [name, type, , size] = step.value as DirEntry;
      const path = `${dir}/${name}`;
      assert.not(names.includes(name), `${path} is listed twice`);
      names.push(name);
      assert.is(fs.stat?.(path)[0], type, path);
      if (type === 0x4000) {
        all[path] = 'directory';
        look(path);
        continue;
      }
      const file = fs.open?.(path, 'r') as RawFile;
      const data = new Uint8Array(size);
      assert.is(file.readAt(0, data), size, path);
      file.close();
      all[path] = Buffer.from(data).toString('latin1');
    }
  };
  // Each name that the upper does not have is an error inside: thousands, whose stacks nobody reads.
  const frames = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    look('');
  } finally {
    Error.stackTraceLimit = frames;
  }
  return Object.fromEntries(Object.entries(all).sort());
}

function medium(): Nor {
  const nor = new Nor(new Uint8Array(96 * 512).fill(0xff), 512);
  VfsLfs2.mkfs(nor.device(), { progsize: 16, readsize: 16 });
  return nor;
}

const image = romfs.build(FACTORY);

/** The overlay over that medium, after a restart. */
function overlayOn(nor: Nor): VfsOverlay {
  const fs = new VfsOverlay(new VfsRom(image), new VfsLfs2(nor.device(), { progsize: 16, readsize: 16 }));
  fs.mount(false, false);
  return fs;
}

/** The same tree in memory, to compare with. */
function modelOf(tree: RomTree): MemFs {
  const fs = new MemFs(makeMedium(1e9));
  fs.mount(false);
  const fill = (below: RomTree, dir: string): void => {
    for (const [name, value] of Object.entries(below)) {
      if (typeof value === 'string' || value instanceof Uint8Array) put(fs, `${dir}/${name}`, value);
      else {
        fs.mkdir(`${dir}/${name}`);
        fill(value, `${dir}/${name}`);
      }
    }
  };
  fill(tree, '');
  return fs;
}

function put(fs: FileSystem, path: string, data: string | Uint8Array, mode = 'w', at = 0): void {
  const file = fs.open?.(path, mode) as RawFile;
  try {
    file.writeAt(mode === 'a' ? file.size() : at, typeof data === 'string' ? Buffer.from(data) : data);
  } finally {
    file.close();
  }
}

const PATHS = [
  '/readme.txt',
  '/big.bin',
  '/d',
  '/d/x',
  '/d/y',
  '/d/e',
  '/d/e/z',
  '/d/e/empty',
  '/d/gone',
  '/lone',
  '/lone/one',
  '/void',
  '/n',
  '/n/m',
  '/d/new',
  '/void/in',
];

type Step = { text: string; run(fs: FileSystem): void; makes?: string };

function randomStep(random: Random): Step {
  const path = pick(random, PATHS);
  // Into itself the VFS refuses.
  const to = pick(
    random,
    PATHS.filter((one) => !one.startsWith(path + '/')),
  );
  const data = 'v'.repeat(random(4) ? random(60) : random(900));
  switch (random(9)) {
    case 0:
      return { text: `mkdir ${path}`, run: (fs) => fs.mkdir?.(path) };
    case 1:
      return { text: `rmdir ${path}`, run: (fs) => fs.rmdir?.(path) };
    case 2:
      return { text: `remove ${path}`, run: (fs) => fs.remove?.(path) };
    case 3:
      return { text: `append to ${path}`, run: (fs) => put(fs, path, data, 'a'), makes: path };
    case 4:
      return { text: `patch ${path}`, run: (fs) => put(fs, path, data, 'r+', 1) };
    case 5:
      return { text: `write ${path}`, run: (fs) => put(fs, path, data), makes: path };
    default:
      return { text: `rename ${path} ${to}`, run: (fs) => fs.rename?.(path, to) };
  }
}

/** What makes an overlay over a fresh upper, again and again after each restart. */
const uppers: [name: string, start: () => () => VfsOverlay][] = [
  [
    'littlefs 2',
    () => {
      const nor = medium();
      return () => overlayOn(nor);
    },
  ],
  [
    'FAT',
    () => {
      const device = new RAMBlockDev(512, 300);
      VfsFat.mkfs(device);
      return () => {
        const fs = new VfsOverlay(new VfsRom(image), new VfsFat(device));
        fs.mount(false, false);
        return fs;
      };
    },
  ],
];

for (const [name, start] of uppers)
  test(`random operations do what they do on one file system, over ${name}`, () => {
    let changes = 0;
    for (let seed = 1; seed <= rounds(6); seed++) {
      const random = generator(seed);
      const restart = start();
      let fs = restart();
      const model = modelOf(FACTORY);
      for (let n = 0; n < 40; n++) {
        const { text, run } = randomStep(random);
        const wanted = code(() => run(model));
        const got = code(() => run(fs));
        assert.is(got, wanted, `seed ${seed}, step ${n}: ${text}`);
        if (wanted === 'done') changes++;
        if (random(4) === 0) {
          fs.umount();
          fs = restart();
        }
        assert.equal(snapshot(fs), snapshot(model), `seed ${seed}, step ${n}: ${text}`);
      }
    }
    assert.ok(changes > rounds(70), `${changes} changes`);
    assert.equal(image, romfs.build(FACTORY), 'the lower is as it was');
  });

test('a cut at any operation of the upper leaves everything as before or as after, and it can be gone on', () => {
  let cuts = 0;
  for (let seed = 1; seed <= rounds(3); seed++) {
    const random = generator(seed + 1000);
    const nor = medium();
    const model = modelOf(FACTORY);
    for (let n = 0; n < 30; n++) {
      const step = randomStep(random);
      const before = snapshot(model);
      const start = nor.bytes.slice();
      if (code(() => step.run(model)) !== 'done') continue;
      const after = snapshot(model);
      const allowed = [before, after];
      // A file is there before anything is in it, as on every file system.
      if (step.makes && !(step.makes in before)) allowed.push(Object.fromEntries(Object.entries({ ...before, [step.makes]: '' }).sort()));
      const fs = overlayOn(nor);
      const done = nor.operations;
      step.run(fs);
      const total = nor.operations - done;
      for (let cutAt = 1; cutAt <= total; cutAt++) {
        const what = `seed ${seed}, step ${n}: ${step.text}, cut at ${cutAt} of ${total}`;
        const cut = new Nor(start.slice(), 512);
        const broken = overlayOn(cut);
        cut.cutAt = cut.operations + cutAt;
        assert.throws(
          () => step.run(broken),
          (error: Error) => error instanceof Cut,
          what,
        );
        cut.cutAt = Infinity;
        cuts++;
        const found = overlayOn(cut);
        const tree = snapshot(found);
        if (!allowed.some((one) => JSON.stringify(one) === JSON.stringify(tree))) assert.equal(tree, after, what);
        if (cutAt % 4) continue;
        // Going on: what was there is there, and the step can be done.
        put(found, '/~', 'on');
        found.remove('/~');
        assert.equal(snapshot(found), tree, what);
        code(() => step.run(found));
        assert.equal(snapshot(overlayOn(cut)), snapshot(found), what);
      }
    }
  }
  console.log(`NOTE: overlay: ${cuts} cuts`);
  assert.ok(cuts > rounds(150));
});

/** Mounted at /o, over littlefs. */
function mounted(run: (nor: Nor, fs: VfsOverlay) => void): void {
  const nor = medium();
  const fs = new VfsOverlay(new VfsRom(image), new VfsLfs2(nor.device()));
  vfs.mount(fs, '/o');
  try {
    run(nor, fs);
  } finally {
    vfs.umount('/o', { force: true });
  }
}

test('a file that cannot be copied up, nor closed, leaves nothing open in the upper', () => {
  const broken = () => {
    throw new Error('broken');
  };
  const lower: FileSystem = {
    open: () => ({ readAt: broken, size: () => 5, close: broken }),
    stat: (path) => {
      if (path !== '/' && path !== '/f') throw Object.assign(new Error('ENOENT'), { code: 'ENOENT', errno: 2 });
      return [path === '/' ? 0x4000 : 0x8000, 0, 0, 0, 0, 0, 5, 0, 0, 0];
    },
    ilistdir: () => [['f', 0x8000, 0, 5]],
  };
  const upper = new VfsLfs2(medium().device());
  vfs.mount(new VfsOverlay(lower, upper), '/o');
  const file = vfs.open('/o/f', 'r+');
  assert.throws(() => file.write('x'), /broken/);
  assert.throws(() => file.close(), /broken/);
  assert.equal(vfs.listdir('/o'), ['f']);
  vfs.umount('/o');
});

test('what is removed stays away after a restart, and a file of its name does not bring back what was below', () => {
  mounted(() => {
    vfs.rmtree('/o/d');
    vfs.remove('/o/readme.txt');
    assert.equal(vfs.listdir('/o').sort(), ['big.bin', 'lone', 'void']);
    vfs.mkdir('/o/d');
    assert.equal(vfs.listdir('/o/d'), []);
    assert.is(
      code(() => vfs.open('/o/d/x')),
      'ENOENT',
    );
    vfs.writeFile('/o/readme.txt', 'mine');
    vfs.remove('/o/readme.txt');
    assert.is(vfs.exists('/o/readme.txt'), false);
    assert.is(
      code(() => vfs.rmdir('/o/lone')),
      'ENOTEMPTY',
    );
    vfs.remove('/o/lone/one');
    vfs.rmdir('/o/lone');
  });
});

test('without the upper everything is as it was at first', () => {
  mounted(() => {
    vfs.writeFile('/o/readme.txt', 'mine');
    vfs.rename('/o/d', '/o/moved');
    vfs.rmtree('/o/lone');
  });
  assert.equal(snapshot(overlayOn(medium())), snapshot(modelOf(FACTORY)));
});

test('a file is copied when it is first written to, not when it is opened; who reads it goes on in what is written', () => {
  mounted((nor) => {
    const before = nor.operations;
    const reader = vfs.open('/o/d/x');
    const file = vfs.open('/o/d/x', 'r+');
    assert.is(file.read(), 'dx');
    assert.is(nor.operations, before, 'nothing is written yet');
    assert.is(
      code(() => vfs.open('/o/d/x', 'a')),
      'EBUSY',
    );
    assert.is(
      code(() => vfs.remove('/o/d/x')),
      'EBUSY',
    );
    assert.is(
      code(() => vfs.rename('/o/d/x', '/o/n')),
      'EBUSY',
    );
    file.write('!');
    file.flush();
    assert.ok(nor.operations > before);
    assert.is(vfs.open('/o/d/x').read(), 'dx!');
    reader.close();
    file.close();
  });
});

test('reading is reading of what lies there: times, views, sizes', () => {
  mounted(() => {
    assert.equal(vfs.open('/o/big.bin').view(), FACTORY['big.bin']);
    assert.is(vfs.stat('/o/big.bin')[6], 1500);
    vfs.writeFile('/o/own', 'x');
    assert.is(
      code(() => vfs.open('/o/own').view()),
      'EOPNOTSUPP',
    );
    assert.ok(vfs.stat('/o/own')[8] > 0);
    assert.is(vfs.statvfs('/o')[2], 96);
  });
});

test("names of whiteouts are nobody else's", () => {
  mounted(() => {
    vfs.remove('/o/readme.txt');
    assert.not(vfs.listdir('/o').some((name) => name.startsWith('.wh.')));
    for (const run of [() => vfs.open('/o/.wh.a', 'w'), () => vfs.mkdir('/o/.wh.a'), () => vfs.rename('/o/big.bin', '/o/.wh.a')])
      assert.is(code(run), 'EINVAL');
    for (const run of [() => vfs.open('/o/.wh.readme.txt'), () => vfs.remove('/o/.wh.readme.txt'), () => vfs.stat('/o/.wh.readme.txt')])
      assert.is(code(run), 'ENOENT');
  });
});

test('when the upper is full, what was there is there, and nothing half-copied', () => {
  mounted(() => {
    const free = vfs.statvfs('/o')[3] * 512;
    const fill = vfs.open('/o/fill', 'wb');
    for (let left = free - 3000; left > 0; left -= 500) fill.write(new Uint8Array(Math.min(left, 500)));
    fill.close();
    while (code(() => vfs.writeFile('/o/more', new Uint8Array(4000))) === 'done');
    const stand = vfs.readFile('/o/big.bin');
    const outcome = code(() => {
      const file = vfs.open('/o/big.bin', 'r+');
      try {
        file.write('x');
      } finally {
        file.close();
      }
    });
    assert.ok(outcome === 'ENOSPC' || outcome === 'done', outcome);
    if (outcome === 'ENOSPC') assert.equal(vfs.readFile('/o/big.bin'), stand);
    vfs.remove('/o/fill');
    vfs.writeFile('/o/big.bin', 'new');
    assert.is(vfs.readFile('/o/big.bin', 'utf8'), 'new');
  });
});

test('read-only, and with a lower that is mounted elsewhere', () => {
  const rom = new VfsRom(image);
  vfs.mount(rom, '/rom');
  const device = new RAMBlockDev(512, 200);
  VfsFat.mkfs(device);
  vfs.mount(new VfsOverlay(rom, new VfsFat(device)), '/o', { readonly: true });
  assert.is(vfs.readFile('/o/d/x', 'utf8'), 'dx');
  assert.is(
    code(() => vfs.remove('/o/d/x')),
    'EROFS',
  );
  vfs.umount('/o');
  assert.is(vfs.readFile('/rom/d/x', 'utf8'), 'dx', 'it is still mounted');
  vfs.mount(new VfsOverlay(rom, new VfsFat(device)), '/o');
  vfs.writeFile('/o/d/x', 'over FAT');
  assert.is(
    code(() => vfs.mount(new VfsFat(device), '/p')),
    'EBUSY',
    'its device is in use',
  );
  vfs.umount('/o');
  vfs.umount('/rom');
  for (const [lower, upper] of [
    [rom, rom],
    [undefined, rom],
    [rom, undefined],
    [rom, {}],
    [{}, new VfsFat(device)],
  ])
    assert.throws(() => new VfsOverlay(lower as never, upper as never), TypeError);
});

test('an overlay may be used without being mounted', () => {
  const device = new RAMBlockDev(512, 100);
  VfsLfs2.mkfs(device);
  const fs = new VfsOverlay(new VfsRom(image), new VfsLfs2(device));
  assert.equal(fs.listdir('d').sort(), ['e', 'gone', 'x', 'y']);
  const file = fs.open('d/new', 'w') as unknown as vfs.VfsFile;
  file.write('text');
  file.close();
  assert.is(fs.stat('/d/new')[6], 4);
});

test.run();
