/** The verbs on a board on a port, whose console is in this process: over a good line, and over bad ones. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { native } from '../boards/devices/native';
import { chips, insertChip } from '../boards/sim';
import type { SimStorage } from '../boards/sim/storage';
import { RAMBlockDev } from '../modules/blockdev/ram';
import { VfsLfs2 } from '../modules/littlefs2';
import * as vfs from '../modules/vfs';
import { cat, cp, df, diff, edit, ls, mkdir, mv, rm, rmdir, sha256, sync, touch, upload } from '../tools';
import { distPath } from '../tools/dist';
import { BoardConsole } from '../tools/port/console';
import { crc32, pack, unpack } from '../tools/port/literal';
import type { ByteStream } from '../tools/port/stream';
import { Line } from '../tools/port/stream';
import { storedBundles } from '../tools/stored';
import { type BoardOptions, StandInBoard } from './support/stand-in-board';
import { ALL, makeFolder, TIME } from './support/tools';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-port-'));
const at = (name: string) => join(folder, name);
const source = makeFolder(at('source'));

function board(options: Partial<BoardOptions> = {}): StandInBoard {
  return new StandInBoard({ modules: { vfs }, ...options });
}

test.before.each(() => {
  const device = new RAMBlockDev(4096, 64);
  VfsLfs2.mkfs(device);
  vfs.mount(new VfsLfs2(device), '/');
});

test.after.each(() => {
  for (const [, point] of vfs.mount()) vfs.umount(point, { force: true });
});

/** The same numbers each time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const bytesOf = (size: number, seed = 1): Uint8Array => {
  const next = random(seed);
  return Uint8Array.from({ length: size }, () => next() * 256);
};

async function textOf(place: string, options: object): Promise<string> {
  let text = '';
  await cat([place], options, (piece) => {
    text += Buffer.from(piece).toString();
  });
  return text;
}

test('every file verb works on a board as on an image', async () => {
  const { connect } = board();
  const on = { connect };
  assert.equal(await cp([source + '/'], ':/', { recursive: true, preserve: true, ...on }), { files: 7, directories: 3, bytes: 30049 });
  const [{ place, entries }] = await ls([':/'], { recursive: true, all: true, times: true, ...on });
  assert.is(place, ':/');
  assert.equal(
    entries.map(({ path }) => path),
    ALL,
  );
  const file = entries.find(({ name }) => name === 'a.js');
  assert.equal([file?.size, file?.mtime, file?.kind], [15, TIME, 'file']);
  assert.equal(await diff(source, ':/', on), []);
  assert.equal(await sha256([':/'], on), await sha256([source]));
  assert.equal(await sync(source, ':/', on), []);
  writeFileSync(at('source/boot.js'), 'other content');
  assert.equal(await sync(source, ':/', on), [{ path: 'boot.js', what: 'changed' }]);
  assert.is(await textOf(':/boot.js', on), 'other content');
  await mv([':/boot.js'], ':/lib', on);
  await cp([':/lib/*.js'], at('.'), on);
  assert.is(readFileSync(at('boot.js'), 'utf8'), 'other content');
  await mv([':/lib/boot.js'], at('moved.js'), on);
  assert.not(vfs.exists('/lib/boot.js'));
  await mkdir([':/x/y'], { parents: true, ...on });
  await touch([':/x/y/z'], { time: 1600000000, ...on });
  assert.is(vfs.stat('/x/y/z')[8], 1600000000);
  await rm([':/x/y/z'], on);
  await rmdir([':/x/y'], on);
  await edit(':/none.txt', on, ({ content }) => Buffer.concat([content, Buffer.from('ä')]));
  assert.is(vfs.readFile('/none.txt', 'utf8'), 'ä');
  const [{ size, free, format }] = await df([':/'], on);
  assert.equal([size, format, free > 100000 && free < size], [262144, 'board', true]);
  await rm([':/lib'], { recursive: true, ...on });
  assert.equal(vfs.listdir('/').sort(), ['.hidden', 'A longer näme.txt', 'empty', 'none.txt', 'x']);
});

test('copies between a board and an image', async () => {
  const { connect } = board();
  const image = at('fs.bin');
  const { create } = await import('../tools');
  await create(image, { fs: 'lfs2', size: '128K', from: source });
  await cp([`${image}:/lib`], ':/', { recursive: true, connect });
  assert.equal(vfs.readFile('/lib/deep/big.bin'), new Uint8Array(readFileSync(at('source/lib/deep/big.bin'))));
  await cp([':/lib/deep/big.bin'], `${image}:/copy`, { connect });
  assert.equal(await diff(`${image}:/copy`, `${image}:/lib/deep/big.bin`), []);
});

test('what the board refuses is an error with its code, which names the place', async () => {
  const { connect } = board();
  const codeOf = (work: Promise<unknown>) => work.then(String, (error) => `${error.code} ${error.message}`);
  assert.is(await codeOf(cat([':/none'], { connect }, () => {})), 'ENOENT :/none: no such file or directory');
  assert.is(await codeOf(rmdir([':/'], { connect })), 'EBUSY :/: in use');
  assert.match(await codeOf(cp([source + '/boot.js'], ':/no/boot.js', { connect })), /^ENOENT :\/no\/boot\.js: /);
  assert.match(await codeOf(cp([source + '/boot.js'], ':/', { connect: board({ modules: {} }).connect })), /^ENOSYS .*microvfs upload/);
  vfs.umount('/');
  assert.match(await codeOf(ls([':/x'], { connect })), /^ENODEV :\/x: .*boot\(\) on the board mounts/);
});

test('over a line that loses and garbles bytes all arrives as it was', async () => {
  const content = bytesOf(20000);
  writeFileSync(at('bytes'), content);
  for (const seed of [1, 2, 3]) {
    const next = random(seed);
    let bytes = 0;
    const spoil = (byte: number): number | undefined => {
      // Only once it is there.
      if (bytes++ < 12000 || next() > 1 / 4000) return byte;
      return next() < 0.5 ? undefined : byte ^ (1 << (next() * 7));
    };
    const { connect } = board({ spoil });
    await cp([at('bytes')], ':/bytes', { connect });
    assert.equal(vfs.readFile('/bytes'), content);
    bytes = 0;
    await cp([':/bytes'], at('back'), { connect });
    assert.equal(new Uint8Array(readFileSync(at('back'))), content);
  }
});

test('a connection that breaks leaves the old file, and nothing beside it for the next one', async () => {
  vfs.writeFile('/file', 'old');
  writeFileSync(at('new'), bytesOf(10000));
  const session = board();
  await ls([':/'], { connect: session.connect });
  let broke = 0;
  for (const later of [100, 3000, 9000, 20000]) {
    const device = board({ breakAfter: session.traffic + later });
    const error = await cp([at('new')], ':/file', { connect: device.connect }).then(String, (reason) => reason.code);
    assert.is(error, 'EIO');
    assert.is(vfs.readFile('/file', 'utf8'), 'old');
    if (vfs.exists('/~vfs.tmp')) broke++;
    // The board has not noticed; who comes next puts it right.
    const again = device.connect;
    Object.assign(device, { broken: false, options: { modules: { vfs } } });
    assert.equal(await ls([':/'], { connect: again }), [
      { place: ':/', entries: [{ name: 'file', kind: 'file', size: 3, hidden: false, path: 'file' }] },
    ]);
    assert.not(vfs.exists('/~vfs.tmp'));
  }
  assert.ok(broke >= 2, 'in the middle of the file');
});

test('a volume that is full leaves the old file, and says ENOSPC', async () => {
  vfs.writeFile('/file', 'old');
  writeFileSync(at('large'), bytesOf(300000));
  const { connect } = board();
  assert.is(await cp([at('large')], ':/file', { connect }).then(String, ({ code }) => code), 'ENOSPC');
  assert.equal([vfs.readFile('/file', 'utf8'), vfs.listdir('/')], ['old', ['file']]);
});

test('of the bytes on the line at least 70 in a hundred are the file’s, of text 90', async () => {
  const text = Buffer.from('var value = read("sensor", 12); // as scripts are\n'.repeat(1200));
  for (const [content, least] of [[bytesOf(60000), 0.7] as const, [text, 0.9] as const]) {
    const device = board({ echo: false });
    writeFileSync(at('content'), content);
    await ls([':/'], { connect: device.connect });
    const session = device.traffic;
    device.traffic = 0;
    await cp([at('content')], ':/content', { connect: device.connect });
    const share = content.length / (device.traffic - session);
    assert.ok(share >= least, `${share}`);
  }
});

test('upload: the volume first, then the bundle, over a bad line too; what is there is not written again', async () => {
  insertChip(native, chips.rp2040);
  const Storage = native.storage as SimStorage;
  const next = random(7);
  let bytes = 0;
  const spoil = (byte: number): number | undefined => (bytes++ < 15000 || next() > 1 / 8000 ? byte : byte ^ 4);
  const device = board({ modules: { Storage }, spoil });
  const { connect } = device;
  Storage.write('other', 'x');
  const refused = await upload('rp2', { connect, volume: 131072 }).then(String, (error) => `${error.code} ${error.message}`);
  assert.match(refused, /^EBUSY vfs-volume: Storage holds 1 other files, .*eraseAll/);
  Storage.eraseAll();
  const seen: number[] = [];
  const first = await upload('rp2', { connect, volume: 131072, boot0: true }, { progress: (done, total) => seen.push(done / total) });
  assert.equal(
    first.map(({ name, written }) => [name, written]),
    [
      ['vfs-volume', true],
      ['vfs', true],
      ['vfs-parts', true],
      ['.boot0', true],
    ],
  );
  assert.is(seen[seen.length - 1], 1);
  assert.equal(Storage.list(), ['vfs-volume', 'vfs', 'vfs-parts', '.boot0']);
  for (const [name, path] of Object.entries(storedBundles('rp2')))
    assert.ok(Storage.read(name) === readFileSync(distPath(path), 'latin1'), name);
  assert.is(Storage.read('vfs-volume')?.length, 131072 - 32);
  assert.is(Storage.read('.boot0'), 'require("vfs").boot()');
  const again = await upload('rp2', { connect, volume: 131072, boot0: true });
  assert.not(again.some(({ written }) => written));
});

test('upload refuses what cannot be', async () => {
  const { connect } = board();
  const messageOf = (work: Promise<unknown>) => work.then(String, (error: Error) => error.message);
  assert.match(await messageOf(upload('toaster', { connect })), /there is no board toaster; there are .*rp2/);
  assert.match(await messageOf(upload('rp2', { connect, bundle: 'huge' })), /rp2 has no bundle huge; there are default, .*sd/);
  assert.match(await messageOf(upload('rp2', { connect, volume: 100000 })), /a multiple of 4K, from 12K on/);
  assert.match(await messageOf(upload('rp2', { connect })), /the board has no Storage/);
  insertChip(native, chips.rp2040);
  const full = board({ modules: { Storage: native.storage } });
  (native.storage as SimStorage).write('much', 'x', 0, 200000);
  assert.match(await messageOf(upload('rp2', { connect: full.connect })), /vfs-parts: there is no room for it in Storage/);
});

test('what runs on the board is not disturbed: what is left in its console is erased, and nothing is left there', async () => {
  const device = board();
  device.evaluate('var kept = 1');
  const stream = await device.connect();
  await stream.write(Buffer.from('half a li('));
  await ls([':/'], { connect: device.connect });
  assert.is(device.evaluate('kept'), 1);
  assert.is(device.evaluate('typeof $v'), 'undefined');
});

test('where no console answers there is one line, that says so', async () => {
  const silent: ByteStream = {
    title: 'port',
    chunk: 64,
    patience: 50,
    write: async () => {},
    onData: () => {},
    onEnd: () => {},
    close: async () => {},
  };
  assert.match(await BoardConsole.open(silent).then(String, (error: Error) => error.message), /^port: no console answers there$/);
});

test('a board that says XOFF is not written to until it says XON', async () => {
  let take: (bytes: Uint8Array) => void = () => {};
  const written: number[] = [];
  const line = new Line({
    title: 'port',
    chunk: 10,
    write: async (bytes) => {
      written.push(bytes.length);
      if (written.length === 2) take(Uint8Array.of(65, 0x13, 66));
    },
    onData: (receive) => {
      take = receive;
    },
    onEnd: () => {},
    close: async () => {},
  });
  let heard = '';
  line.onData((bytes) => {
    heard += Buffer.from(bytes).toString();
  });
  let sent = false;
  const sending = line.send(new Uint8Array(45)).then(() => {
    sent = true;
  });
  await new Promise((done) => setTimeout(done, 20));
  assert.equal([written, sent], [[10, 10], false]);
  take(Uint8Array.of(0x11));
  await sending;
  assert.equal([written, heard], [[10, 10, 10, 10, 5], 'AB']);
});

test('bytes are packed as text or base64, whichever is shorter; the sum is CRC-32', () => {
  for (const bytes of [bytesOf(1000), Buffer.from("it's \\ text\n\t\0\xff", 'latin1'), new Uint8Array(0)]) {
    const { coding, text } = pack(bytes);
    assert.equal(new Uint8Array(unpack(coding ? text : [text])), new Uint8Array(bytes));
  }
  assert.is(pack(bytesOf(1000)).coding, 0);
  assert.is(pack(Buffer.from('text')).coding, 1);
  assert.is(crc32(Buffer.from('123456789')), 0xcbf43926);
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
