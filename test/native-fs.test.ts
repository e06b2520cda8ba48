/** The firmware's own file system under ours: over a stand-in of its interface, and on the real Espruino, whose files are the host's there. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SDCard } from '../boards/devices/sdcard';
import * as esp32 from '../boards/esp32';
import { boards, SimSdCard, SimSdSlot } from '../boards/sim';
import { VfsFat } from '../modules/fat';
import { firmwareCard, VfsNative } from '../modules/native';
import * as vfs from '../modules/vfs';
import { distPath } from '../tools/dist';
import { bundleExpression, storeSource } from '../tools/engines/engine';
import { storedBundles } from '../tools/stored';
import { chipWith, rows, tableImage } from './esp32-chip';
import { code } from './support/code';
import { Espruino, told } from './support/espruino';

const shared = globalThis as Record<string, unknown>;
/** The card: directories are undefined. */
let card: { [path: string]: Uint8Array | undefined };
let room = Infinity;
let handles = 0;

/** `require('fs')` and `E.openFile` as Espruino 2v29 has them: paths without a slash in front, `false` or nothing for what fails. */
function standIn(withSeek = true): { fs: object; openFile(path: string, mode: string): object } {
  const fs = {
    readdirSync: (path: string) =>
      path === '' || (path in card && !card[path])
        ? [
            '.',
            '..',
            ...Object.keys(card)
              .filter((one) => (path ? one.startsWith(path + '/') : true))
              .map((one) => (path ? one.slice(path.length + 1) : one))
              .filter((one) => one && !one.includes('/')),
          ]
        : undefined,
    statSync: (path: string) => {
      if (!(path in card)) return undefined;
      const data = card[path];
      return { size: data ? data.length : 0, dir: !data, mtime: new Date(1700000000000) };
    },
    unlinkSync: (path: string) => path in card && delete card[path],
    mkdirSync: (path: string) => {
      card[path] = undefined;
      return true;
    },
  };
  const openFile = (path: string, mode: string) => {
    if (mode[0] === 'w') card[path] = new Uint8Array(0);
    if (!card[path]) throw new Error('Could not open file : NO_FILE');
    let at = 0;
    handles++;
    return {
      read: (n: number) => {
        const data = (card[path] as Uint8Array).subarray(at, at + n);
        at += data.length;
        return mode === 'w' || !data.length ? undefined : String.fromCharCode(...data);
      },
      write: (data: Uint8Array) => {
        const n = Math.min(data.length, room);
        room -= n;
        const old = card[path] as Uint8Array;
        const whole = new Uint8Array(Math.max(old.length, at + n));
        whole.set(old);
        whole.set(data.subarray(0, n), at);
        card[path] = whole;
        at += n;
        return n;
      },
      ...(withSeek ? { seek: (n: number) => (at = n) } : {}),
      close: () => handles--,
    };
  };
  return { fs, openFile };
}

function mount(withSeek = true): void {
  const { fs, openFile } = standIn(withSeek);
  card = {};
  room = Infinity;
  shared.E = { openFile };
  shared.require = (name: string) => {
    if (name === 'fs') return fs;
    throw new Error(`Module ${name} not found`);
  };
  vfs.mount(new VfsNative(), '/sd');
}

test.after.each(() => {
  for (const [, point] of vfs.mount()) vfs.umount(point, { force: true });
  delete shared.E;
  delete shared.require;
  assert.is(handles, 0);
});

test('files and directories of the card are made, listed, read at any place, appended to and removed', () => {
  mount();
  vfs.mkdir('/sd/d');
  vfs.writeFile('/sd/d/f', 'one two three');
  assert.equal(
    [...vfs.ilistdir('/sd/d')].map((one) => [one[0], one[1], one[3]]),
    [['f', 0x8000, 13]],
  );
  assert.equal(vfs.listdir('/sd'), ['d']);
  const file = vfs.open('/sd/d/f', 'r+');
  file.seek(4);
  assert.is(file.read(3), 'two');
  file.seek(4);
  file.write('TWO');
  assert.is(file.read(), ' three');
  file.seek(15);
  file.write('!');
  file.close();
  assert.is(vfs.readFile('/sd/d/f', 'utf8'), 'one TWO three\0\0!');
  const log = vfs.open('/sd/d/f', 'a');
  log.write('?');
  assert.is(log.tell(), 17);
  log.close();
  assert.is(vfs.stat('/sd/d/f')[6], 17);
  assert.is(vfs.stat('/sd/d/f')[8], 1700000000);
  assert.is(
    code(() => vfs.rmdir('/sd/d')),
    'ENOTEMPTY',
  );
  vfs.remove('/sd/d/f');
  vfs.rmdir('/sd/d');
  assert.equal(vfs.listdir('/sd'), []);
});

test('what the firmware cannot do is EOPNOTSUPP, and changes nothing', () => {
  mount();
  vfs.writeFile('/sd/f', 'content');
  assert.is(
    code(() => vfs.statvfs('/sd')),
    'EOPNOTSUPP',
  );
  assert.is(
    code(() => vfs.utime('/sd/f', [0, 0])),
    'EOPNOTSUPP',
  );
  const file = vfs.open('/sd/f', 'r+');
  assert.is(
    code(() => file.truncate(3)),
    'EOPNOTSUPP',
  );
  file.truncate(9);
  file.close();
  assert.is(vfs.readFile('/sd/f', 'utf8'), 'content\0\0');
  vfs.umount('/sd');
  mount(false);
  vfs.writeFile('/sd/f', 'content');
  const slow = vfs.open('/sd/f');
  assert.is(slow.read(3), 'con');
  slow.seek(1);
  assert.is(
    code(() => slow.read(1)),
    'EOPNOTSUPP',
  );
  slow.close();
});

test('a file is renamed by copying, to a name that is not there; all else is EOPNOTSUPP, and changes nothing', () => {
  for (const withSeek of [true, false]) {
    mount(withSeek);
    const content = new Uint8Array(2000).map((_, i) => i * 7);
    vfs.mkdir('/sd/d');
    vfs.mkdir('/sd/e');
    for (const data of [content, content.subarray(0, 512), new Uint8Array(0)]) {
      vfs.writeFile('/sd/f', data);
      vfs.rename('/sd/f', '/sd/d/g');
      assert.equal(vfs.readFile('/sd/d/g'), data.slice());
      assert.is(vfs.exists('/sd/f'), false);
      vfs.remove('/sd/d/g');
    }
    vfs.writeFile('/sd/f', content);
    vfs.writeFile('/sd/g', 'other');
    vfs.writeFile('/sd/g', 'again');
    vfs.rename('/sd/f', '/sd/f');
    const before = structuredClone(card);
    for (const [from, to, expected] of [
      ['f', 'g', 'EOPNOTSUPP'],
      ['f', 'd', 'EOPNOTSUPP'],
      ['d', 'x', 'EOPNOTSUPP'],
      ['none', 'x', 'ENOENT'],
      ['f', 'none/x', 'ENOENT'],
      ['f', 'g/x', 'ENOTDIR'],
    ]) {
      const got = code(() => vfs.rename('/sd/' + from, '/sd/' + to));
      assert.is(got, expected, `${from} ${to}`);
    }
    const open = vfs.open('/sd/f');
    assert.is(
      code(() => vfs.rename('/sd/f', '/sd/x')),
      'EBUSY',
    );
    open.close();
    room = 1000;
    assert.is(
      code(() => vfs.rename('/sd/f', '/sd/x')),
      'ENOSPC',
    );
    room = Infinity;
    // A card that does not hold what it was given.
    const { openFile } = shared.E as { openFile(path: string, mode: string): { write(data: Uint8Array): number } };
    shared.E = {
      openFile: (path: string, mode: string) => {
        const file = openFile(path, mode);
        const { write } = file;
        file.write = (data) => write(data.map((byte) => byte & 0xfe));
        return file;
      },
    };
    assert.is(
      code(() => vfs.rename('/sd/f', '/sd/x')),
      'EIO',
    );
    assert.equal(card, before);
    // Nor one of which the firmware cannot close a file.
    shared.E = {
      openFile: (path: string, mode: string) => {
        const file = openFile(path, mode) as unknown as { close(): void };
        const { close } = file;
        file.close = () => {
          close();
          throw new Error('DISK_ERR');
        };
        return file;
      },
    };
    assert.ok(code(() => vfs.rename('/sd/f', '/sd/x')));
    assert.equal(card, before);
    vfs.umount('/sd');
  }
});

test('errors have codes, whatever the firmware says', () => {
  mount();
  vfs.mkdir('/sd/d');
  vfs.writeFile('/sd/f', 'x');
  for (const [expected, what] of [
    ['ENOENT', () => vfs.open('/sd/none')],
    ['ENOENT', () => vfs.open('/sd/none/f', 'w')],
    ['ENOTDIR', () => vfs.open('/sd/f/g', 'w')],
    ['EISDIR', () => vfs.open('/sd/d')],
    ['EEXIST', () => vfs.open('/sd/f', 'x')],
    ['EEXIST', () => vfs.mkdir('/sd/d')],
    ['ENOENT', () => vfs.mkdir('/sd/none/d')],
    ['ENOENT', () => vfs.listdir('/sd/none')],
    ['ENOTDIR', () => vfs.listdir('/sd/f')],
    ['ENOENT', () => vfs.remove('/sd/none')],
    ['EISDIR', () => vfs.remove('/sd/d')],
    ['ENOTDIR', () => vfs.rmdir('/sd/f')],
    ['ENOENT', () => vfs.stat('/sd/none')],
  ] as const)
    assert.is(code(what), expected, `${what}`);
  const file = vfs.open('/sd/f', 'a');
  assert.is(
    code(() => vfs.remove('/sd/f')),
    'EBUSY',
  );
  assert.is(
    code(() => vfs.open('/sd/f', 'w')),
    'EBUSY',
  );
  room = 3;
  assert.is(
    code(() => file.write('0123456789')),
    'ENOSPC',
  );
  assert.is(file.tell() <= 4, true);
  file.close();
  (shared.E as { openFile: unknown }).openFile = () => {
    throw new Error('Could not open file : DISK_ERR');
  };
  assert.throws(() => vfs.open('/sd/f'), /^EIO: Could not open file : DISK_ERR, open '\/sd\/f'/);
});

test('a firmware without fs is ENODEV, and so is Node, whose fs is another', () => {
  mount();
  delete shared.E;
  assert.is(
    code(() => new VfsNative()),
    'ENODEV',
  );
  delete shared.require;
  assert.is(
    code(() => new VfsNative()),
    'ENODEV',
  );
  assert.throws(() => new VfsNative({ root: 1 } as unknown as object), TypeError);
});

/** Boots an ESP32 with a card in its slot, and a firmware that reads cards by itself or not. */
function bootCard(firmware: 'none' | 'reads' | 'fails', wiring: object = {}): { kind: string; connected: number } {
  mount();
  vfs.umount('/sd');
  card.fromFirmware = new Uint8Array(1);
  let connected = 0;
  const outer = shared.E as { [name: string]: unknown };
  if (firmware === 'none') delete shared.E;
  else {
    outer.connectSDCard = (spi: unknown, cs: unknown) => {
      assert.is(spi, slot.spi);
      assert.is(cs, slot.cs);
      assert.is(slot.settings.sck, 'D18');
      connected++;
    };
    outer.unmountSD = () => connected--;
    if (firmware === 'fails')
      (shared.require as (name: string) => { readdirSync: unknown })('fs').readdirSync = () => {
        throw new Error('Unable to list files : NO_FILESYSTEM');
      };
  }
  const sd = new SimSdCard({ type: 'SDHC', blocks: 8192 });
  const slot = new SimSdSlot(sd);
  VfsFat.mkfs(new SDCard(slot.spi, slot.cs));
  chipWith(tableImage(rows));
  const report = esp32.boot({ sd: { spi: slot.spi, cs: slot.cs, sck: 'D18', ...wiring } });
  const row = report.volumes.find(({ point }) => point === '/sd');
  assert.is(row?.state, 'mounted', row?.error);
  const kind = vfs.listdir('/sd').includes('fromFirmware') ? 'firmware' : row?.fs;
  for (const [, point] of vfs.mount()) vfs.umount(point, { force: true });
  return { kind: kind as string, connected };
}

test('a card that boot is told the wiring of is read by the firmware where that has FAT, else by ours', () => {
  assert.equal(bootCard('reads'), { kind: 'firmware', connected: 1 });
  assert.equal(bootCard('none'), { kind: 'fat', connected: 0 });
  // What the firmware cannot read: it lets go of the card.
  assert.equal(bootCard('fails'), { kind: 'fat', connected: 0 });
  assert.equal(bootCard('reads', { firmware: false }), { kind: 'fat', connected: 0 });
  esp32.esp32.ownCards = true;
  assert.equal(bootCard('reads'), { kind: 'fat', connected: 0 });
  esp32.esp32.ownCards = false;
});

test("plain boot() mounts the card that the firmware reads, as the board's file says, and passes over a slot without one", () => {
  for (const [firmware, states] of [
    ['reads', ['mounted']],
    ['fails', []],
    ['none', []],
  ] as const) {
    mount();
    vfs.umount('/sd');
    card.here = new Uint8Array(1);
    if (firmware === 'none') delete shared.E;
    if (firmware === 'fails')
      (shared.require as (name: string) => { readdirSync: unknown })('fs').readdirSync = () => {
        throw new Error('Unable to list files : NOT_READY');
      };
    chipWith(tableImage(rows));
    const report = esp32.boot();
    assert.equal(
      report.volumes.filter(({ point }) => point === '/sd').map(({ state }) => state),
      states,
    );
    assert.is(report.ok, true);
    if (firmware === 'reads') assert.equal(vfs.listdir('/sd'), ['here']);
    for (const [, point] of vfs.mount()) vfs.umount(point, { force: true });
  }
});

test('each bundle that has what the firmware reads as a file system, and boots, takes the card of the firmware', () => {
  for (const [name, { bundles }] of Object.entries(boards))
    for (const [suffix, { names, alone, card: own, further }] of Object.entries(bundles)) {
      if (!('VfsNative' in names) || suffix === '-native') continue;
      assert.is(own ?? further?.sd, firmwareCard, name + suffix);
      assert.is(!!own, !!alone, name + suffix);
    }
});

for (const board of ['nrf52', 'stm32'])
  if (!existsSync(distPath(`${board}/vfs-card.min.js`))) console.log(`SKIP: ${board}: its bundle -card is not built`);
  else
    test(`${board}: with the bundle -card the firmware's card is the board's own volume, whose scripts run`, () => {
      const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
      const lines: string[] = [];
      let time = 1700000000000;
      const boot = (files: { [path: string]: string }, button?: { read(): boolean }) => {
        const { fs, openFile } = standIn();
        card = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, text ? bytes(text) : undefined]));
        // A clock that goes by being looked at.
        const Clock = Object.assign(() => {}, { now: () => (time += 10) });
        const face = new Function(
          'require',
          'E',
          'console',
          'Date',
          'BTN1',
          `return ${bundleExpression(`${board}/vfs-card.min.js`, 'require')}`,
        )(
          (name: string) => {
            if (name === 'fs') return fs;
            throw new Error(`Module ${name} not found`);
          },
          { openFile },
          { log: (line: string) => lines.push(line) },
          Clock,
          button,
        );
        return { face, report: face.boot() };
      };
      shared.said = (text: string) => lines.push(text);
      try {
        const { face, report } = boot({
          lib: '',
          'lib/name.js': "exports.name = 'from lib';",
          'boot.js': "said('boot');",
          'main.js': "said(require('name').name + ' in ' + require('vfs').getcwd());",
        });
        assert.equal(lines, [`${board}: /sd sd  mounted`, 'boot', 'from lib in /sd']);
        assert.is(report.ok, true);
        face.writeFile('/sd/log', 'kept');
        assert.equal(card.log, bytes('kept'));
        lines.length = 0;
        // Without a card there is nothing to boot from; it is never formatted, whatever the button says.
        const none = boot({});
        assert.equal(none.report.volumes, [{ point: '/sd', device: 'sd', fs: '', state: 'mounted', error: '' }]);
        lines.length = 0;
        const held = time + 8500;
        const reset = boot({ 'main.js': "said('never');" }, { read: () => time < held });
        assert.is(reset.report.mode, 'safe');
        assert.equal(Object.keys(card), ['main.js']);
      } finally {
        delete shared.said;
      }
    });

const espruino = process.env.ESPRUINO;
const bundle = storedBundles('esp32', '-sd');
if (!espruino || !Object.values(bundle).every((file) => existsSync(distPath(file))))
  console.log('SKIP: the real fs: set ESPRUINO to its program');
else
  test("through the real firmware's fs files are made, listed, read, appended to and removed", async () => {
    const board = new Espruino(espruino);
    const { folder } = board;
    try {
      mkdirSync(join(folder, 'card/old'), { recursive: true });
      writeFileSync(join(folder, 'card/old/a.bin'), Buffer.from([0, 255, 1, 254]));
      const output = await board.run(
        `${storeSource('esp32', '-sd', 'require')}
var v=require('vfs');v.mount(new v.VfsNative({root:'card'}),'/sd');
var tell=function(x){print('@'+x);};
tell(v.listdir('/sd').join()+' '+v.readFile('/sd/old/a.bin').join());
v.makedirs('/sd/new/deep');v.writeFile('/sd/new/deep/f.txt','first ');
var f=v.open('/sd/new/deep/f.txt','a');for(var i=0;i<200;i++)f.write('line '+i+'\\n');f.close();
f=v.open('/sd/new/deep/f.txt','r+');f.seek(6);tell(f.read(6));f.seek(0);f.write('FIRST');f.close();
tell(v.stat('/sd/new/deep/f.txt')[6]+' '+v.listdir('/sd/new/deep').join());
try{v.rename('/sd/old','/sd/x')}catch(e){tell(e.code)}
v.rename('/sd/new/deep/f.txt','/sd/new/moved.txt');v.rename('/sd/new/moved.txt','/sd/new/deep/f.txt');
try{v.rmdir('/sd/old')}catch(e){tell(e.code)}
try{v.open('/sd/none')}catch(e){tell(e.code)}
v.remove('/sd/old/a.bin');v.rmdir('/sd/old');
tell(v.listdir('/sd').join());
`,
      );
      assert.equal(
        told(output),
        ['old 0,255,1,254', 'line 0', '1696 f.txt', 'EOPNOTSUPP', 'ENOTEMPTY', 'ENOENT', 'new'],
        output.slice(-1000),
      );
      assert.equal(readdirSync(join(folder, 'card')), ['new']);
      const written = readFileSync(join(folder, 'card/new/deep/f.txt'), 'utf8');
      assert.is(written, `FIRST ${Array.from({ length: 200 }, (_, i) => `line ${i}\n`).join('')}`);
      assert.is(statSync(join(folder, 'card/new/deep/f.txt')).size, 1696);
    } finally {
      board.close();
    }
  });

test.run();
