/** Espruino's Storage as a file system, over the simulated one and in the real one. */
import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { simChip } from '../boards/sim';
import { SimStorage } from '../boards/sim/storage';
import { VfsStorage } from '../modules/storage';
import * as vfs from '../modules/vfs';
import { distPath } from '../tools/dist';
import { storeSource } from '../tools/engines/engine';
import { storedBundles } from '../tools/stored';
import { code } from './support/code';
import { Espruino, told } from './support/espruino';

const START = 0x10000000;
let storage: SimStorage;

test.before.each(() => {
  const chip = simChip({ base: START, sectors: [[4096, 32]], word: 4, free: [] });
  storage = new SimStorage(chip.flash, { addr: START, length: 32 * 4096 });
  vfs.mount(new VfsStorage(storage), '/storage');
});
test.after.each(() => vfs.umount('/storage', { force: true }));

test('what Storage holds is listed, names with a slash in directories, files in chunks once', () => {
  storage.write('.bootcde', 'x');
  storage.write('app/main.js', 'main');
  storage.write('app/lib/a.js', 'a');
  for (let i = 0; i < 4; i++) storage.open('log.txt', 'a').write('line '.repeat(300));
  storage.open('app/log', 'w').write('hello');
  assert.equal(vfs.listdir('/storage').sort(), ['.bootcde', 'app', 'log.txt']);
  assert.equal(vfs.listdir('/storage/app').sort(), ['lib', 'log', 'main.js']);
  assert.equal(vfs.stat('/storage/app')[0], 0x4000);
  assert.equal(vfs.stat('/storage/log.txt')[6], 6000);
  assert.equal(vfs.stat('/storage/app/lib/a.js')[6], 1);
  assert.is(
    code(() => vfs.listdir('/storage/log.txt')),
    'ENOTDIR',
  );
  assert.is(
    code(() => vfs.listdir('/storage/none')),
    'ENOENT',
  );
  assert.is(
    code(() => vfs.stat('/storage/none')),
    'ENOENT',
  );
});

test('names that are no paths never leave', () => {
  for (const name of ['..', 'a//b', '/x', 'a/../b', './c', 'd/', 'fine/.hidden']) storage.write(name, 'x');
  assert.equal(vfs.listdir('/storage').sort(), ['fine']);
  assert.equal(vfs.listdir('/storage/fine'), ['.hidden']);
});

test('a file that is as well the beginning of other names is a file, listed once', () => {
  storage.write('a/b', 'below');
  storage.write('a', 'file');
  assert.equal(
    [...vfs.ilistdir('/storage')].map((one) => [one[0], one[1], one[3]]),
    [['a', 0x8000, 4]],
  );
  assert.is(vfs.readFile('/storage/a/b', 'utf8'), 'below');
});

test('reading at any place, in plain files and in chunks, gives what was written', () => {
  const text = Array.from({ length: 2500 }, (_, i) => `${i} `).join('');
  storage.write('plain', text);
  for (let at = 0; at < text.length; at += 777) storage.open('chunks', 'a').write(text.slice(at, at + 777));
  for (const name of ['plain', 'chunks']) {
    const file = vfs.open('/storage/' + name);
    assert.is(file.read(), text, name);
    for (const at of [0, 1, 4000, 4060, 4064, 4068, 8127, 8128, text.length - 3, text.length]) {
      file.seek(at);
      assert.is(file.read(20), text.slice(at, at + 20), `${name} at ${at}`);
    }
    assert.is(
      code(() => file.write('x')),
      'EBADF',
    );
    file.close();
  }
});

test('writeFile makes a plain file, in place of a plain one or one in chunks, and empty ones cannot be', () => {
  storage.open('x', 'w').write('chunks');
  vfs.writeFile('/storage/x', 'plain');
  assert.equal(storage.list(), ['x']);
  assert.is(storage.read('x'), 'plain');
  vfs.writeFile('/storage/x', new Uint8Array([0, 255, 7]));
  assert.equal(vfs.readFile('/storage/x'), new Uint8Array([0, 255, 7]));
  assert.is(
    code(() => vfs.writeFile('/storage/y', '')),
    'EOPNOTSUPP',
  );
  assert.is(storage.read('y'), undefined);
  assert.is(
    code(() => vfs.writeFile('/storage/big', 'x'.repeat(200000))),
    'ENOSPC',
  );
  assert.is(
    code(() => vfs.writeFile('/storage/' + 'n'.repeat(29), 'x')),
    'ENAMETOOLONG',
  );
  vfs.writeFile('/storage/d/e/f', 'deep');
  assert.is(
    code(() => vfs.writeFile('/storage/d', 'x')),
    'EISDIR',
  );
});

test('a file opened for writing is there when it is synced, and not before', () => {
  const file = vfs.open('/storage/w', 'w');
  file.write('one ');
  file.write('two');
  assert.is(storage.read('w'), undefined);
  file.flush();
  assert.is(storage.read('w'), 'one two');
  file.seek(0);
  file.write('ONE');
  file.truncate(5);
  file.close();
  assert.is(storage.read('w'), 'ONE t');
  const again = vfs.open('/storage/w', 'r+');
  again.seek(8);
  again.write('!');
  again.close();
  assert.is(storage.read('w'), 'ONE t\0\0\0!');
  const more = vfs.open('/storage/w', 'a');
  more.write('?');
  more.close();
  assert.is(storage.read('w'), 'ONE t\0\0\0!?');
  assert.is(
    code(() => vfs.open('/storage/w', 'x')),
    'EEXIST',
  );
  vfs.open('/storage/w', 'w').close();
  assert.is(storage.read('w'), undefined);
});

test('a new file that is appended to is in chunks, each write in the flash at once', () => {
  const file = vfs.open('/storage/log', 'a');
  let text = '';
  for (let i = 0; i < 300; i++) {
    file.write(`entry ${i}\n`);
    text += `entry ${i}\n`;
  }
  assert.is(storage.open('log', 'r').getLength(), text.length);
  assert.is(file.tell(), text.length);
  assert.is(
    code(() => file.write(new Uint8Array([1, 255]))),
    'EINVAL',
  );
  assert.is(
    code(() => file.truncate(3)),
    'EOPNOTSUPP',
  );
  file.close();
  assert.is(vfs.readFile('/storage/log', 'utf8'), text);
  assert.is(storage.open('log', 'r').read(7), 'entry 0');
  assert.is(
    code(() => vfs.open('/storage/log', 'r+')),
    'EOPNOTSUPP',
  );
  assert.is(
    code(() => vfs.open('/storage/' + 'n'.repeat(28), 'a')),
    'ENAMETOOLONG',
  );
});

test('renaming copies, of either kind, over either kind, and directories are refused', () => {
  storage.write('p', 'plain');
  for (let i = 0; i < 5; i++) storage.open('c', 'a').write('chunk '.repeat(200));
  storage.write('d/x', 'x');
  vfs.rename('/storage/p', '/storage/q');
  vfs.rename('/storage/c', '/storage/e/c');
  assert.equal(storage.list(undefined, { sf: false }).sort(), ['d/x', 'q']);
  assert.equal(storage.list(undefined, { sf: true }), ['e/c']);
  assert.is(vfs.readFile('/storage/e/c', 'utf8'), 'chunk '.repeat(1000));
  vfs.rename('/storage/q', '/storage/e/c');
  assert.equal(storage.list().sort(), ['d/x', 'e/c']);
  assert.is(storage.read('e/c'), 'plain');
  assert.is(
    code(() => vfs.rename('/storage/d', '/storage/z')),
    'EOPNOTSUPP',
  );
  assert.is(
    code(() => vfs.rename('/storage/e/c', '/storage/d')),
    'EISDIR',
  );
  assert.is(
    code(() => vfs.rename('/storage/none', '/storage/d')),
    'ENOENT',
  );
  vfs.rename('/storage/d/x', '/storage/d/x');
  assert.is(storage.read('d/x'), 'x');
});

test('removing files of either kind; directories go with their last file', () => {
  storage.write('d/p', 'plain');
  for (let i = 0; i < 5; i++) storage.open('d/c', 'a').write('chunk '.repeat(200));
  assert.is(
    code(() => vfs.remove('/storage/d')),
    'EISDIR',
  );
  assert.is(
    code(() => vfs.rmdir('/storage/d')),
    'ENOTEMPTY',
  );
  assert.is(
    code(() => vfs.rmdir('/storage/d/p')),
    'ENOTDIR',
  );
  assert.is(
    code(() => vfs.mkdir('/storage/new')),
    'EOPNOTSUPP',
  );
  vfs.remove('/storage/d/p');
  vfs.remove('/storage/d/c');
  assert.equal(vfs.listdir('/storage'), []);
  assert.is(
    code(() => vfs.rmdir('/storage/d')),
    'ENOENT',
  );
  assert.is(
    code(() => vfs.remove('/storage/d/p')),
    'ENOENT',
  );
});

test('files that are open, and those of the module and its volume, are not changed beneath their users', () => {
  storage.write('f', 'x');
  for (const name of ['vfs', 'vfs-parts', 'vfs-volume']) {
    storage.write(name, 'x');
    assert.is(
      code(() => vfs.remove('/storage/' + name)),
      'EBUSY',
    );
    assert.is(
      code(() => vfs.writeFile('/storage/' + name, 'y')),
      'EBUSY',
    );
    assert.is(
      code(() => vfs.rename('/storage/f', '/storage/' + name)),
      'EBUSY',
    );
    assert.is(vfs.readFile('/storage/' + name, 'utf8'), 'x');
  }
  const file = vfs.open('/storage/f');
  assert.is(
    code(() => vfs.remove('/storage/f')),
    'EBUSY',
  );
  assert.is(
    code(() => vfs.open('/storage/f', 'w')),
    'EBUSY',
  );
  vfs.open('/storage/f').close();
  file.close();
  vfs.remove('/storage/f');
});

test('a plain file is seen where it lies, and free space is told', () => {
  storage.write('f', 'seen');
  const file = vfs.open('/storage/f', 'rb');
  assert.equal(file.view(), new Uint8Array([115, 101, 101, 110]));
  file.close();
  storage.erase('f');
  const stat = vfs.statvfs('/storage');
  assert.equal([stat[0], stat[2], stat[3], stat[4], stat[9]], [1, 131072, 131072, 131072 - 36, 28]);
});

test('names beyond ASCII are UTF-8 in Storage', () => {
  vfs.writeFile('/storage/größe', 'x');
  assert.is(storage.read('gr\xc3\xb6\xc3\x9fe'), 'x');
  assert.equal(vfs.listdir('/storage'), ['größe']);
});

test('a Storage mounted read-only is not changed; without Storage it is ENODEV; what is none is refused', () => {
  storage.write('f', 'x');
  vfs.umount('/storage');
  vfs.mount(new VfsStorage(storage), '/storage', { readonly: true });
  assert.is(
    code(() => vfs.remove('/storage/f')),
    'EROFS',
  );
  assert.is(
    code(() => vfs.writeFile('/storage/f', 'y')),
    'EROFS',
  );
  assert.is(
    code(() => vfs.open('/storage/f', 'a')),
    'EROFS',
  );
  assert.is(
    code(() => new VfsStorage()),
    'ENODEV',
  );
  assert.throws(() => new VfsStorage({} as SimStorage), TypeError);
});

/** The same in the real one, with the modules in it. */
const espruino = process.env.ESPRUINO;
const bundle = storedBundles('rp2', '-all');
if (!espruino || !Object.values(bundle).every((file) => existsSync(distPath(file))))
  console.log('SKIP: the real Storage: set ESPRUINO to its program, and npm run build -- rp2-all');
else
  test('in the real Storage files are listed, read, written, appended to, renamed and removed', async () => {
    const board = new Espruino(espruino);
    try {
      const output = await board.run(
        `${storeSource('rp2', '-all', 'require')}var s=require('Storage');
s.write('app/main.js','main');s.open('app/log','w').write('hello');
var v=require('vfs');v.mount(new v.VfsStorage(),'/storage');
var tell=function(x){print('@'+x);};
tell(v.listdir('/storage').sort().join()+' '+v.listdir('/storage/app').sort().join());
var log=v.open('/storage/app/log','a');for(var i=0;i<300;i++)log.write('entry '+i+'\\n');log.close();
tell(v.stat('/storage/app/log')[6]+' '+v.readFile('/storage/app/log','utf8').substr(0,12)+' '+s.open('app/log','r').getLength());
var f=v.open('/storage/app/log');f.seek(1500);var a=f.read(9);f.close();tell(a.replace('\\n','|'));
v.writeFile('/storage/bin',new Uint8Array([0,255,7]));tell(v.readFile('/storage/bin').join());
f=v.open('/storage/w','w');f.write('one ');f.write('two');f.close();tell(s.read('w'));
v.rename('/storage/w','/storage/x/y');v.rename('/storage/app/log','/storage/log');
tell(s.list(undefined,{sf:false}).sort().join()+' '+s.list(undefined,{sf:true}).join());
f=v.open('/storage/app/main.js','rb');tell(E.toString(f.view()));f.close();
try{v.remove('/storage/vfs');}catch(e){tell(e.code);}
v.remove('/storage/log');v.remove('/storage/x/y');
tell(v.listdir('/storage').sort().join()+' '+v.statvfs('/storage')[2]);
`,
      );
      assert.equal(
        told(output),
        [
          'app,vfs,vfs-parts log,main.js',
          '2895 helloentry 0 2895',
          ' 160|entr',
          '0,255,7',
          'one two',
          'app/main.js,bin,vfs,vfs-parts,x/y log',
          'main',
          'EBUSY',
          'app,bin,vfs,vfs-parts 262144',
        ],
        output.slice(-1000),
      );
    } finally {
      board.close();
    }
  });

test.run();
