import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bootBoard } from '../boards/boot/boot';
import { installFs } from '../boards/boot/fs.lazy';
import { mountFurther } from '../boards/boot/further.lazy';
import { loader } from '../boards/boot/shared';
import { errorLine, errorText, isBlank } from '../boards/boot/trouble.lazy';
import type { BoardDescription, BootReport, FurtherDevices } from '../boards/boot/types';
import { NorBlockDev, NorFlash, norImage } from '../boards/sim';
import { RAMBlockDev } from '../modules/blockdev';
import { ECORRUPT, ENOENT, vfsError } from '../modules/contract/errno';
import type { BlockDevice, Driver, FileSystem } from '../modules/contract/filesystem';
import { addDriver, mount, umount } from '../modules/vfs';

/** A file system whose volumes begin with `TOY`; its files live beside the device. `TOX` is a damaged one. */
class ToyFs implements FileSystem {
  static files: Record<string, string> = {};
  bdev: BlockDevice;
  constructor(bdev: BlockDevice) {
    this.bdev = bdev;
  }
  mount(_readonly: boolean, mkfs: boolean): void {
    if (mkfs) this.bdev.writeblocks!(0, new Uint8Array([84, 79, 89, 0]), 0);
    else if (magic(this.bdev) !== 'TOY') throw vfsError(ECORRUPT, 'mount');
  }
  stat(path: string): number[] {
    if (path === '/') return [0x4000, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    if (ToyFs.files[path] === undefined) throw vfsError(ENOENT, 'stat', path);
    return [0x8000, 0, 0, 0, 0, 0, ToyFs.files[path].length, 0, 0, 0];
  }
  open(path: string): unknown {
    if (ToyFs.files[path] === undefined) throw vfsError(ENOENT, 'open', path);
    const bytes = Buffer.from(ToyFs.files[path]);
    return {
      readAt: (pos: number, buf: Uint8Array) => {
        const part = bytes.subarray(pos, pos + buf.length);
        buf.set(part);
        return part.length;
      },
      writeAt: () => {},
      size: () => bytes.length,
      truncate: () => {},
      sync: () => {},
      close: () => {},
    };
  }
}

function magic(bdev: BlockDevice): string {
  const head = new Uint8Array(4);
  bdev.readblocks(0, head, 0);
  return String.fromCharCode(head[0], head[1], head[2]);
}

const toyfs: Driver = { name: 'toyfs', volume: ToyFs, probe: (bdev) => /TO[YX]/.test(magic(bdev)), create: (bdev) => new ToyFs(bdev) };
addDriver(toyfs);

const shared = globalThis as Record<string, unknown>;
const face: { bootReport?: BootReport; answer: number } = { answer: 42 };
loader._face = face;
let printed: string[] = [];

function chip(): { nor: NorFlash; bdev: NorBlockDev } {
  const nor = new NorFlash({ size: 65536, eraseSize: 4096, progSize: 4 });
  return { nor, bdev: new NorBlockDev(nor) };
}

function boot(devices: Record<string, BlockDevice>, volumes = [{ point: '/', devices: ['flash'], format: 'FORMAT' }]): BootReport {
  const board: BoardDescription = {
    name: 'toy',
    volumes,
    open: (name) => {
      if (!devices[name]) throw vfsError(ENOENT, 'open', name, 'no such device');
      return devices[name];
    },
    drivers: [toyfs],
  };
  for (const [fs] of mount()) umount(fs, { force: true });
  printed = [];
  const log = console.log;
  console.log = (text: string) => printed.push(text);
  try {
    return bootBoard(board, face);
  } finally {
    console.log = log;
  }
}

test.before.each(() => {
  for (const [fs] of mount()) umount(fs, { force: true });
  ToyFs.files = {};
});

test('a blank device is formatted and mounted, the next boot finds it', () => {
  const { nor, bdev } = chip();
  const first = boot({ flash: bdev });
  assert.equal(first, {
    board: 'toy',
    volumes: [{ point: '/', device: 'flash', fs: 'toyfs', state: 'formatted', error: '' }],
    scripts: [],
    ok: true,
  });
  assert.equal(printed, ['toy: / flash toyfs formatted']);
  const image = norImage(nor);
  const second = boot({ flash: bdev });
  assert.is(second.volumes[0].state, 'mounted');
  assert.equal(norImage(nor), image);
});

test('a damaged volume is left untouched to the byte and reported with what to do', () => {
  const { nor, bdev } = chip();
  nor.program(0, new Uint8Array([84, 79, 88, 0]));
  const image = norImage(nor);
  nor.resetCounters();
  const report = boot({ flash: bdev });
  assert.equal(norImage(nor), image);
  assert.is(nor.counters.programs + nor.counters.erases, 0);
  assert.is(report.ok, false);
  assert.is(report.volumes[0].state, 'failed');
  assert.match(report.volumes[0].error, 'ECORRUPT');
  assert.match(printed[0], /toy: \/ flash {2}failed: ECORRUPT.*\n.*FORMAT/);
});

test('one foreign byte anywhere keeps a device from being formatted', () => {
  for (const addr of [0, 4, 4092, 32768, 65532]) {
    const { nor, bdev } = chip();
    nor.program(addr, new Uint8Array([255, 255, 255, 254]));
    nor.resetCounters();
    const report = boot({ flash: bdev });
    assert.is(report.volumes[0].state, 'failed');
    assert.match(report.volumes[0].error, 'ENODEV');
    assert.is(nor.counters.programs + nor.counters.erases, 0);
  }
});

test('isBlank stops reading at the first other byte, and a device that cannot be read is not blank', () => {
  const { nor, bdev } = chip();
  nor.program(1024, new Uint8Array(4));
  nor.resetCounters();
  assert.is(isBlank(bdev), false);
  assert.is(nor.counters.readBytes, 4096);
  nor.erase(0);
  assert.is(isBlank(bdev), true);
  assert.is(isBlank(new RAMBlockDev(100, 3)), true);
  const failing = {
    readblocks: (_block: number, _buf: Uint8Array, _offset: number) => -5,
    ioctl: (op: number) => (op === 4 ? 4 : op === 5 ? 512 : 0),
  };
  assert.is(isBlank(failing as BlockDevice), false);
});

test('isBlank reads what a device makes no array of, and sees the last byte of the last block', () => {
  for (const makes of [true, false]) {
    const device = new RAMBlockDev(8192, 3);
    const bytes = new Uint8Array(8192 * 3).fill(0xff);
    const bdev: BlockDevice = {
      readblocks: (block, buf, offset) => device.readblocks(block, buf, offset),
      ioctl: (op, arg) => device.ioctl(op, arg),
      readarray: (block, offset, length) => (makes ? bytes.slice(block * 8192 + offset, block * 8192 + offset + length) : undefined),
    };
    for (let block = 0; block < 3; block++) device.writeblocks(block, new Uint8Array(8192).fill(0xff));
    assert.is(isBlank(bdev), true);
    bytes[8192 * 3 - 1] = 0;
    device.writeblocks(2, new Uint8Array([0]), 8191);
    assert.is(isBlank(bdev), false);
  }
});

test('a device that fails while it is read is failed, not formatted', () => {
  const { nor, bdev } = chip();
  bdev.readblocks = (_block, _buf, _offset) => -5;
  const report = boot({ flash: bdev });
  assert.is(report.volumes[0].state, 'failed');
  assert.is(nor.counters.programs, 0);
});

test('a missing device is absent, the boot goes on', () => {
  const report = boot({ second: chip().bdev }, [
    { point: '/', devices: ['first'], format: '' },
    { point: '/sd', devices: ['first', 'second'], format: '' },
  ]);
  assert.equal(
    report.volumes.map((volume) => [volume.state, volume.device]),
    [
      ['absent', ''],
      ['formatted', 'second'],
    ],
  );
  assert.is(report.ok, false);
  assert.match(report.volumes[0].error, "ENOENT: no such device, open 'first'");
});

test('a second boot says so and does nothing, until the volume is unmounted', () => {
  const { nor, bdev } = chip();
  ToyFs.files['/main.js'] = "globalThis.runs++; require('vfs').boot();";
  shared.runs = 0;
  const again: BoardDescription = { name: 'toy', volumes: [{ point: '/', devices: ['flash'], format: '' }], open: () => bdev, drivers: [] };
  (face as { boot?: () => void }).boot = () => bootBoard(again, face);
  const report = boot({ flash: bdev });
  assert.is(shared.runs, 1);
  assert.equal(printed, ['toy: / flash toyfs formatted', 'toy: already booted']);
  assert.is(face.bootReport, report);
  assert.is(report.ok, true);
  nor.resetCounters();
  assert.is(bootBoard(again, face), report);
  assert.is(nor.counters.reads, 0);
  boot({ flash: bdev });
  assert.is(shared.runs, 2);
});

test('a board whose file says so has fs before its scripts run, where the bundle has it', () => {
  const { bdev } = chip();
  const given: { bootReport?: BootReport; installFs?(): unknown } = {};
  const board: BoardDescription = {
    name: 'toy',
    volumes: [{ point: '/', devices: ['flash'], format: '' }],
    open: () => bdev,
    drivers: [toyfs],
    fs: true,
  };
  const log = console.log;
  console.log = () => {};
  ToyFs.files['/main.js'] = "globalThis.found = typeof require('fs').readFileSync";
  const asks: number[] = [];
  try {
    given.installFs = () => asks.push(mount().length) && installFs();
    assert.ok(bootBoard(board, given).ok);
    assert.equal(asks, [1]);
    assert.is(shared.found, 'function');
    umount('/');
    const without: typeof given = {};
    assert.ok(bootBoard(board, without).ok);
    umount('/');
    board.fs = false;
    given.bootReport = undefined;
    bootBoard(board, given);
    assert.equal(asks, [1]);
  } finally {
    console.log = log;
    loader._loaded.fs = undefined;
  }
});

/** Boots with an option; `asks` counts how often `installFs` was called. */
function bootWith(
  options: FurtherDevices | undefined,
  has: boolean,
  own?: Partial<BoardDescription>,
): { report: BootReport; asks: number } {
  const { bdev } = chip();
  let asks = 0;
  for (const [fs] of mount()) umount(fs, { force: true });
  const log = console.log;
  printed = [];
  console.log = (text: string) => printed.push(text);
  try {
    const volumes = [{ point: '/', devices: ['flash'], format: '' }];
    const board: BoardDescription = { name: 'toy', volumes, open: () => bdev, drivers: [toyfs], ...own };
    const installed = {
      installFs: () => {
        asks++;
        return installFs();
      },
    };
    return { report: bootBoard(board, has ? (installed as { bootReport?: BootReport }) : {}, options), asks };
  } finally {
    console.log = log;
    loader._loaded.fs = undefined;
  }
}

test('boot({ fs: true }) gives fs to the scripts, and false keeps away what the board asks for', () => {
  ToyFs.files['/main.js'] = "globalThis.found = typeof require('fs').readFileSync";
  shared.found = undefined;
  const { report, asks } = bootWith({ fs: true }, true);
  assert.ok(report.ok);
  assert.is(report.error, undefined);
  assert.is(asks, 1);
  assert.is(shared.found, 'function');
  assert.is(bootWith({}, true).asks, 0);
  assert.is(bootWith({ fs: false }, true, { fs: true }).asks, 0);
  assert.is(bootWith({}, true, { fs: true }).asks, 1);
});

test('boot({ fs: true }) leaves the further devices of the board where they are, and is no device', () => {
  const further = { sd: () => Object.assign(new ToyFs(chip().bdev), { mount: () => {} }) };
  assert.equal(
    bootWith({ fs: true }, true, { further }).report.volumes.map((volume) => volume.point),
    ['/', '/sd'],
  );
  assert.equal(
    bootWith({ fs: true, create: '64K' }, true, { further }).report.volumes.map((volume) => volume.point),
    ['/', '/sd'],
  );
  assert.equal(
    bootWith({ fs: true, card2: further.sd }, true, { further }).report.volumes.map((volume) => volume.point),
    ['/', '/card2'],
  );
});

test('fs that is asked for and is not in the bundle is reported, and the scripts run', () => {
  ToyFs.files['/main.js'] = 'globalThis.ran = true';
  shared.ran = false;
  const { report } = bootWith({ fs: true }, false);
  assert.is(report.ok, false);
  assert.is(report.error, 'ENOSYS: no such operation, installFs');
  assert.equal(printed, ['toy: / flash toyfs formatted', 'toy: ENOSYS: no such operation, installFs']);
  assert.is(shared.ran, true);
});

test('what is mounted at a place already is taken as it is, and the scripts run', () => {
  const other = chip().bdev;
  ToyFs.files['/main.js'] = '1';
  mount(other, '/', { mkfs: true });
  const board: BoardDescription = {
    name: 'toy',
    volumes: [{ point: '/', devices: ['flash'], format: '' }],
    open: () => assert.unreachable() as never,
    drivers: [toyfs],
  };
  const report = bootBoard(board, {});
  assert.equal(report.volumes, [{ point: '/', device: '', fs: 'toyfs', state: 'mounted', error: '' }]);
  assert.is(report.scripts.length, 1);
  assert.is(report.ok, true);
});

test('boot.js and then main.js run as global code; what boot.js declares is there for main.js', () => {
  ToyFs.files['/boot.js'] = 'var fromBoot = 3; function triple(x) { return x * fromBoot; }';
  ToyFs.files['/main.js'] = "globalThis.result = triple(4) + require('vfs').answer; globalThis.early = require('vfs').bootReport;";
  const report = boot({ flash: chip().bdev });
  assert.is(shared.result, 54);
  assert.is(shared.early, report);
  assert.is(face.bootReport, report);
  assert.equal(report.scripts, [
    { path: '/boot.js', state: 'ran', error: '', line: 0 },
    { path: '/main.js', state: 'ran', error: '', line: 0 },
  ]);
  assert.is(report.ok, true);
});

test('require of another name goes to the board, or says so', () => {
  ToyFs.files['/main.js'] = "require('nothing');";
  assert.match(boot({ flash: chip().bdev }).scripts[0].error, 'no module nothing');
});

test('an error in boot.js is printed with file and line, and main.js runs nevertheless', () => {
  ToyFs.files['/boot.js'] = '\n\nfunction inner() {\n  nobody();\n}\ninner();\n';
  ToyFs.files['/main.js'] = 'globalThis.mainRan = true;';
  shared.mainRan = false;
  const report = boot({ flash: chip().bdev });
  assert.is(shared.mainRan, true);
  assert.is(report.ok, false);
  assert.equal(report.scripts[0], { path: '/boot.js', state: 'failed', error: 'ReferenceError: nobody is not defined', line: 4 });
  assert.is(report.scripts[1].state, 'ran');
  assert.is(printed[1], '/boot.js:4: ReferenceError: nobody is not defined');
});

test('syntax errors, thrown strings, objects and nothing are reported too', () => {
  for (const code of ['var = 3;', "throw 'a string';", 'throw {};', 'throw undefined;', 'throw Object.create(null);']) {
    ToyFs.files['/main.js'] = code;
    const report = boot({ flash: chip().bdev });
    assert.is(report.scripts[0].state, 'failed', code);
    assert.ok(report.scripts[0].error, code);
    assert.is(report.ok, false);
  }
});

test('an error of the VFS in a script tells code and line', () => {
  shared.openMissing = () => {
    throw vfsError(ENOENT, 'open', '/none');
  };
  ToyFs.files['/main.js'] = '\nopenMissing();';
  const report = boot({ flash: chip().bdev });
  assert.is(report.scripts[0].line, 2);
  assert.is(printed[1], "/main.js:2: ENOENT: no such file or directory, open '/none'");
});

test('the line is found in the stack traces of every engine', () => {
  const traces: [string, unknown, string?][] = [
    ['QuickJS', '    at f1 (<input>:3:18)\n    at <eval> (<input>:6:3)\n    at eval (native)\n    at boot (vfs.js:13:18)\n'],
    ['QuickJS syntax', '    at <input>:3:5\n    at eval (native)\n'],
    ['error of the bundle', '    at open (vfs.js:99:18)\n    at <eval> (<input>:3:3)\n    at eval (native)\n'],
    [
      'Duktape',
      'ReferenceError: x\n    at [anon] (duk_js_var.c:1236) internal\n    at eval (input:3) preventsyield\n    at boot (vfs.js:13)',
    ],
    ['JerryScript', ['<eval>:3:3', '<eval>:6:1', 'vfs.js:13:16']],
    ['JerryScript syntax', ['<eval>:2:7', 'vfs.js:13:16'], 'Identifier expected [<eval>:3:5]'],
    ['Espruino', '    at f1 (:1:20)\n                   ^\n    at eval (:3:4)\n   ^\n    at function (_) {\n'],
    ['Node', 'Error: x\n    at f1 (/main.js:3:9)\n    at eval (/main.js:6:1)'],
    ['Node without sourceURL', 'Error: x\n    at f1 (eval at G (/p/boot.js:13:16), <anonymous>:3:9)'],
  ];
  for (const [engine, stack, message] of traces) {
    const error = { stack, message: message || 'x' };
    assert.is(errorLine(error, '/main.js'), 3, engine);
  }
  for (const other of [undefined, null, 'text', 5, {}, new RangeError('x')]) assert.is(errorLine(other, '/main.js'), 0);
  assert.is(errorText(null), 'null');
});

test('a card whose device throws nothing that can be told is reported, and booting goes on', () => {
  const table = new Uint8Array(512);
  table.set([0x55, 0xaa], 510);
  for (const [i, start] of [8, 1008].entries()) {
    const view = new DataView(table.buffer, 446 + i * 16);
    view.setUint8(4, 12);
    view.setUint32(8, start, true);
    view.setUint32(12, 1000, true);
  }
  const card: BlockDevice = {
    readblocks: (block, buf) => {
      if (block >= 8) throw undefined;
      buf.fill(0);
      if (!block) buf.set(table);
    },
    ioctl: (op) => (op === 4 ? 4096 : op === 5 ? 512 : 0),
  };
  const report: BootReport = { board: 'test', volumes: [], scripts: [], ok: true };
  const board = { name: 'test', volumes: [{ point: '/', devices: [], format: '' }], kinds: {} } as unknown as BoardDescription;
  mountFurther(board, { SD: () => card }, report);
  assert.ok(report.volumes.length > 0);
  for (const { state } of report.volumes) assert.is(state, 'failed');
});

test.run();
