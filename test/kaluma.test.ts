/** The binding to Kaluma: over a stand-in of its modules, and in Kaluma for Linux, where `KALUMA` names it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { native } from '../boards/devices/native';
import { Flash, kalumaFs, kalumaPin, kalumaSpi, SDCard, useKaluma } from '../boards/rp2';
import { NorFlash, SimSdCard, SimSdSlot } from '../boards/sim';
import { ENOSPC, vfsError } from '../modules/contract/errno';
import { VfsFat } from '../modules/fat';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import * as vfs from '../modules/vfs';
import { distPath } from '../tools/dist';
import { bundleExpression, requireSource } from '../tools/engines/engine';
import { code } from './support/code';
import { kalumaBoard } from './support/kaluma';
import { outputOf } from './support/program';

vfs.addDriver(littlefs2);

const SECTOR = 4096;
const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[mK]|\\r`, 'g');
const shared = globalThis as unknown as { require?: unknown; board?: unknown; pinMode?: unknown; digitalWrite?: unknown; OUTPUT?: unknown };

/** A board with 260 sectors, as a Pico has them. A program beyond what is erased, or of a part of a page, would be seen. */
function begin(name = 'pico') {
  const nor = new NorFlash({ size: 260 * SECTOR, eraseSize: SECTOR, progSize: 256 });
  const slot = new SimSdSlot(new SimSdCard({ type: 'SDHC', blocks: 65536 }));
  const board = kalumaBoard(nor, slot, name);
  Object.assign(shared, board.global);
  return { nor, slot, ...board };
}

test.after.each(() => {
  for (const [, point] of vfs.mount()) vfs.umount(point, { force: true });
  for (const name of ['require', 'board', 'pinMode', 'digitalWrite', 'OUTPUT'] as const) delete shared[name];
  native.flash = native.areas = undefined;
});

test("the volume lies where Kaluma's own file system does, and nothing outside is touched", () => {
  const { nor, fs, unmounted } = begin();
  useKaluma();
  assert.is(fs.__mounts.length, 0);
  // In 1.3 that would use a block device which has been collected.
  assert.is(unmounted(), 0);
  const flash = new Flash();
  assert.equal([flash.ioctl(4, 0), flash.ioctl(5, 0)], [128, SECTOR]);
  VfsLfs2.mkfs(flash);
  vfs.mount(flash, '/');
  vfs.mkdir('/d');
  vfs.writeFile('/d/f', 'x'.repeat(10000));
  for (let i = 0; i < 50; i++) {
    const log = vfs.open('/log', 'a');
    log.write(`line ${i}\n`);
    log.close();
  }
  vfs.umount('/');
  useKaluma();
  vfs.mount(new Flash(), '/');
  assert.is(vfs.readFile('/d/f', 'utf8'), 'x'.repeat(10000));
  assert.is(vfs.readFile('/log', 'utf8').split('\n').length, 51);
  for (const sector of Object.keys(nor.counters.wear)) assert.ok(Number(sector) >= 132 && Number(sector) < 260, sector);
  const before = new Uint8Array(132 * SECTOR);
  nor.read(0, before);
  assert.ok(before.every((byte) => byte === 255));
});

test('pieces of any length at any place are programmed in whole pages, and leave what is beside them', () => {
  const { nor } = begin();
  useKaluma({ base: 200, count: 4 });
  const flash = new Flash();
  const wanted = new Uint8Array(2 * SECTOR).fill(255);
  const larger = new Uint8Array(1000).map((_, i) => i * 7 + 1);
  let at = 3;
  for (const length of [1, 5, 256, 300, 700, 255, 513]) {
    // A part of a larger buffer.
    const piece = larger.subarray(100, 100 + length);
    assert.is(flash.writeblocks(Math.floor(at / SECTOR), piece, at % SECTOR) || 0, 0);
    wanted.set(piece, at);
    at += length + 9;
  }
  const back = new Uint8Array(2 * SECTOR);
  flash.readblocks(0, back, 0);
  assert.equal(back, wanted);
  assert.equal(nor.violations ?? [], []);
});

test('boards that are not known want a place, and a place that is not there is EINVAL', () => {
  begin('other');
  assert.is(
    code(() => useKaluma()),
    'ENODEV',
  );
  assert.is(
    code(() => useKaluma({ base: 250, count: 11 })),
    'EINVAL',
  );
  assert.is(
    code(() => useKaluma({ base: -1, count: 4 })),
    'EINVAL',
  );
  useKaluma({ base: 250, count: 10 });
  assert.is(new Flash().ioctl(4, 0), 10);
});

test("elsewhere than on Kaluma it is ENODEV, and Kaluma's own volume stays where ours lies beside it", () => {
  assert.is(
    code(() => useKaluma()),
    'ENODEV',
  );
  const { fs } = begin();
  useKaluma({ base: 100, count: 8 });
  assert.is(fs.__mounts.length, 1);
});

test("a card on Kaluma's SPI is read and written by our driver, at the clock that is asked for", () => {
  const { slot } = begin();
  const card = new SDCard(kalumaSpi(0), kalumaPin(17), { baudrate: 8000000 });
  assert.is(slot.baud, 8000000);
  VfsFat.mkfs(card);
  vfs.mount(new VfsFat(card), '/sd');
  vfs.writeFile('/sd/a.txt', 'on the card');
  vfs.umount('/sd');
  vfs.mount(new VfsFat(card), '/sd');
  assert.is(vfs.readFile('/sd/a.txt', 'utf8'), 'on the card');
});

test("what is mounted in our tree is in Kaluma's fs beside its own, with its flags and its renames", () => {
  const { fs } = begin();
  useKaluma({ base: 100, count: 16 });
  vfs.mount(new Flash(), '/data', { mkfs: true });
  kalumaFs('/data');
  assert.equal(
    fs.__mounts.map(({ path }) => path),
    ['/data', '/'],
  );
  const bytes = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
  fs.writeFile('/data/a', bytes('one two'));
  assert.is(vfs.readFile('/data/a', 'utf8'), 'one two');
  const log = fs.open('/data/a', 'a');
  fs.write(log, bytes('-- three'), 2, 6, -1);
  fs.close(log);
  assert.is(String.fromCharCode(...fs.readFile('/data/a')), 'one two three');
  const both = fs.open('/data/a', 'r+');
  fs.write(both, bytes('ONE'), 0, 3, 0);
  const piece = new Uint8Array(8);
  assert.is(fs.read(both, piece, 1, 3, 4), 3);
  assert.is(String.fromCharCode(...piece), '\0two\0\0\0\0');
  fs.close(both);
  assert.is(
    code(() => fs.open('/data/a', 'wx')),
    'EEXIST',
  );
  assert.is(
    code(() => fs.open('/data/a', 'ax')),
    'EEXIST',
  );
  assert.is(
    code(() => fs.read(both, piece, 0, 1, 0)),
    'EBADF',
  );
  fs.mkdir('/data/d');
  fs.rename('/data/a', '/data/d/b');
  assert.equal(fs.readdir('/data'), ['d']);
  assert.equal(fs.readdir('/data/d'), ['b']);
  assert.equal(
    [fs.stat('/data/d'), fs.stat('/data/d/b')],
    [
      { type: 2, size: 0 },
      { type: 1, size: 13 },
    ],
  );
  const emptied = fs.open('/data/d/b', 'w+');
  assert.is(fs.read(emptied, piece, 0, 8, 0), 0);
  fs.unmount('/data');
  // What was open is closed with it.
  vfs.remove('/data/d/b');
  kalumaFs('/x', '/data/d');
  fs.writeFile('/x/c', bytes('c'));
  assert.equal(vfs.listdir('/data/d'), ['c']);
  fs.unlink('/x/c');
  fs.unmount('/x');
  assert.is(
    code(() => kalumaFs('/y', '/none')),
    'ENOENT',
  );
});

test("a file whose closing fails is closed in Kaluma's fs as well, its number is no other's, and unmounting closes all", () => {
  const { fs } = begin();
  const closed: string[] = [];
  vfs.mount(
    {
      stat: () => [0x4000, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      open: (path) => ({
        readAt: () => 0,
        writeAt: () => undefined,
        size: () => 0,
        close: () => {
          closed.push(path);
          if (path === '/full') throw vfsError(ENOSPC, 'close', path);
        },
      }),
    },
    '/data',
  );
  kalumaFs('/data');
  const full = fs.open('/data/full', 'r+');
  assert.is(
    code(() => fs.close(full)),
    'ENOSPC',
  );
  const other = fs.open('/data/other', 'r+');
  assert.is(
    code(() => fs.write(full, new Uint8Array(1), 0, 1, -1)),
    'EBADF',
  );
  // Kaluma's own table has it until a close comes back.
  fs.close(full);
  assert.is(fs.write(other, new Uint8Array(1), 0, 1, -1), 1);
  fs.open('/data/full', 'r+');
  fs.open('/data/last', 'r+');
  assert.is(
    code(() => fs.unmount('/data')),
    'ENOSPC',
  );
  assert.equal(closed, ['/full', '/other', '/full', '/last']);
  vfs.umount('/data');
});

test('a port that cannot be opened with other settings is opened anew at the next use', () => {
  const { slot } = begin();
  const kaluma = shared.require as (name: string) => { SPI: new (bus: number, options?: { baudrate?: number }) => object };
  const { SPI } = kaluma('spi');
  const log: string[] = [];
  class Picky extends SPI {
    open = true;
    constructor(bus: number, options?: { baudrate?: number }) {
      super(bus, options);
      if (options?.baudrate === 1) throw new Error('no such clock');
      log.push('open');
    }
    close() {
      log.push('close');
      if (!this.open) throw new Error('closed already');
      this.open = false;
    }
  }
  shared.require = (name: string) => (name === 'spi' ? { SPI: Picky } : kaluma(name));
  const spi = kalumaSpi(0);
  spi.setup({ baud: 1000000 });
  assert.throws(() => spi.setup({ baud: 1 }), /no such clock/);
  spi.setup({ baud: 2000000 });
  assert.equal(log, ['open', 'close', 'open']);
  assert.is(slot.baud, 2000000);
});

const kaluma = process.env.KALUMA;
if (!kaluma) console.log('SKIP: Kaluma for Linux: set KALUMA to its program');
else {
  /** What a script logs; its errors too, of which this build of Kaluma is silent. */
  const logged = async (script: string): Promise<string[]> => {
    const folder = mkdtempSync(join(tmpdir(), 'microvfs-kaluma-'));
    try {
      writeFileSync(join(folder, 'script.js'), `try{${script}\n}catch(e){console.log('Error '+e);}`);
      const output = await outputOf(kaluma, ['script.js'], { cwd: folder, timeout: 120000 });
      // Without the codes by which its console colours.
      return output.replace(ESCAPES, '').split('\n').filter(Boolean);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };

  for (const [kind, volume] of [
    ['', 'VfsLfs2'],
    ['-fat', 'VfsFat'],
  ])
    test(`the behaviour suite passes on the bundle vfs${kind} in Kaluma for Linux`, async () => {
      const suite = readFileSync(distPath('test/suite.js'), 'utf8');
      const lines = await logged(
        // Its clock stands still at 1970.
        `var clock=17e11,__native=require;Date.now=function(){return clock+=100;};${requireSource('require', 'esp32', '__native', kind)}\nvar suiteResult,suiteKind='${volume}';\n${suite}`,
      );
      assert.match(lines.join('\n'), /suite: \d{2,} passed, 0 failed/);
    });

  test('in Kaluma for Linux a volume lies in its flash, and its own fs reads and writes it', async () => {
    const lines = await logged(`var v=${bundleExpression('rp2/vfs-kaluma.min.js', 'require')};
v.useKaluma();
v.mount(new v.Flash(),'/',{mkfs:true});
v.writeFile('/a.txt','hello');v.mkdir('/d');
var f=v.open('/log.txt','a');for(var i=0;i<20;i++){f.write('line '+i+'\\n');f.flush();}
f.close();
v.umount('/');v.mount(new v.Flash(),'/');
console.log('@'+[v.listdir('/').sort().join(),v.readFile('/log.txt','utf8').length,v.statvfs('/')[2]].join(' '));
v.kalumaFs('/');
var fs=require('fs');
fs.writeFile('/b.bin',new Uint8Array([1,2,3]));fs.rename('/b.bin','/d/c.bin');
console.log('@'+[fs.readdir('/d').join(),fs.readFile('/d/c.bin').length,v.stat('/d/c.bin')[6]].join(' '));`);
    assert.equal(lines, ['@a.txt,d,log.txt 150 128', '@c.bin 3 3']);
  });

  const own = await logged("var fs=require('fs');fs.writeFile('/a',new Uint8Array([1]));console.log('@'+fs.readdir('/').join());").catch(
    (error) => [String(error)],
  );
  if (own.join() !== '@a') console.log(`SKIP: Kaluma's own volume: it does not work in this build of Kaluma (${own.join().slice(0, 100)})`);
  else
    test("a volume that Kaluma's own littlefs has made is mounted with its files, and Kaluma mounts what ours has made of it", async () => {
      const lines = await logged(`var fs=require('fs'),Flash=require('flash').Flash,i;
fs.mkdir('/lib');
var big=new Uint8Array(9000);for(i=0;i<9000;i++)big[i]=i*7;
fs.writeFile('/lib/big.bin',big);
fs.writeFile('/gone',big);fs.unlink('/gone');
fs.writeFile('/old',new Uint8Array([104,105]));fs.rename('/old','/main.js');
for(i=0;i<40;i++)fs.writeFile('/f'+i,new Uint8Array([i,i+1]));
var log=fs.open('/log','w');for(i=0;i<300;i++)fs.write(log,new Uint8Array([65,10]),0,2,-1);fs.close(log);
var v=${bundleExpression('rp2/vfs-kaluma.min.js', 'require')};
v.useKaluma();
var flash=new v.Flash();
console.log('@'+[flash.ioctl(4,0),flash.ioctl(5,0)].join());
v.mount(flash,'/');
var names=v.listdir('/'),wrong=0;
for(i=0;i<40;i++){var two=v.readFile('/f'+i);if(two.length!==2||two[0]!==i||two[1]!==i+1)wrong++;}
var back=v.readFile('/lib/big.bin');for(i=0;i<9000;i++)if(back[i]!==big[i])wrong++;
console.log('@'+[names.length,wrong,back.length,v.readFile('/main.js','utf8'),v.stat('/log')[6],v.listdir('/lib').join()].join(' '));
var f=v.open('/log','a');f.write('ours\\n');f.close();
for(i=0;i<40;i+=2)v.remove('/f'+i);
v.writeFile('/lib/big.bin',back.subarray(0,5000));v.mkdir('/new');v.rename('/main.js','/new/main.js');
v.umount('/');
// Held, as its own block device is not.
global.held=new Flash(132,128);
fs.mount('/',global.held,'lfs');
var text='';back=fs.readFile('/log');for(i=back.length-5;i<back.length;i++)text+=String.fromCharCode(back[i]);
console.log('@'+[fs.readdir('/').length,fs.readdir('/new').join(),fs.stat('/lib/big.bin').size,back.length,text.trim(),fs.readFile('/f39').join()].join(' '));`);
      // 40 files, log, lib, main.js; of the 40 half, log, lib, new.
      assert.equal(lines, ['@128,4096', '@43 0 9000 hi 600 big.bin', '@23 main.js 5000 605 ours 39,40']);
    });
}

test.run();
