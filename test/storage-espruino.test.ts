/** A volume in the Storage of the real Espruino, with the modules behind it, over several power cycles. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { distPath } from '../tools/dist';
import { storedBundles } from '../tools/stored';
import { Espruino, told } from './support/espruino';

const PIECE = 12000;

/** Gives what a script tells that comes to its end. */
async function ended(board: Espruino, script: string): Promise<string[]> {
  const output = await board.run(script);
  const lines = told(output);
  if (lines.at(-1) !== 'end') throw new Error(output.split(/\r?\n/).slice(-20).join('\n'));
  return lines.slice(0, -1);
}

/** Puts the modules into Storage, piece by piece: a script that is run from a file lies in RAM. */
async function store(board: Espruino): Promise<void> {
  for (const [name, file] of Object.entries(storedBundles('rp2'))) {
    const text = readFileSync(distPath(file), 'latin1');
    for (let at = 0; at < text.length; at += PIECE)
      await ended(
        board,
        `require('Storage').write(${JSON.stringify(name)},${JSON.stringify(text.slice(at, at + PIECE))},${at},${text.length});${END}`,
      );
  }
}

/** The line of the boards' pages. */
const LINE = (size: number): string => `var s=require('Storage');s.read('vfs-volume',0,1)||s.write('vfs-volume','\\xff',0,${size});\n`;
/** Nothing is waited for: booting has a timer of 30 s. */
const END = "\nclearTimeout();print('@end');\n";

const boards: { [name: string]: { program?: string; before?: string; size: number; page: number; start: number } } = {
  // Pages of 1 kB, not mapped into memory.
  'Storage of 256 kB, read piece by piece': { program: process.env.ESPRUINO, size: 65536 - 32, page: 1024, start: 0x10000000 },
  // On Linux the firmware does not tell where that begins.
  'Storage of 512 kB': {
    program: process.env.ESPRUINO_D14,
    before: 'process.memory=function(){return {flash_code_start:0x10080000}};\n',
    size: 131072 - 32,
    page: 1024,
    start: 0x10080000,
  },
};

for (const [name, { program, before, size, page, start }] of Object.entries(boards)) {
  if (!program) {
    console.log(`SKIP: ${name}: set ESPRUINO and ESPRUINO_D14 to its programs`);
    continue;
  }

  test(`${name}: a volume made by one line keeps its files and its place while Storage is filled, compacted, and the module replaced`, async () => {
    const board = new Espruino(program, before);
    try {
      const blocks = (size + 32) / page - 1;
      await ended(board, LINE(size) + END);
      await store(board);
      assert.equal(
        await ended(
          board,
          `var s=require('Storage');
var v=require('vfs'),d=new v.StorageVolume();
print('@'+[d.ioctl(4,0),d.ioctl(5,0),d.moved,d.progsize].join());
v.mount(d,'/',{mkfs:true});
v.mkdir('/lib');v.writeFile('/lib/a.txt','kept');
print('@'+v.readFile('/lib/a.txt','utf8'));${END}`,
        ),
        [`${blocks},${page},0,1`, 'kept'],
      );
      // After a power cycle; then other code fills Storage to the brim, over and over, while the volume is mounted.
      assert.equal(
        await ended(
          board,
          `var s=require('Storage'),v=require('vfs');
v.mount(new v.StorageVolume(),'/');
var full=0,wrong=0,n=0;
for(var i=0;i<60;i++){
  var name='o'+i%5,text=String.fromCharCode(65+i%26).repeat(1000+i*311%9000);
  try{s.write(name,text);if(s.read(name)!==text)wrong++;}catch(e){full++;s.erase('o'+(i+1)%5);s.erase('o'+(i+2)%5);}
  if(i%4===3)s.erase(name);
  if(i%10===9){s.compact();v.writeFile('/n.txt',''+(n=i));}
}
try{for(;;)s.write('f'+full++,'x'.repeat(2000));}catch(e){}
print('@'+[wrong,full>3,v.readFile('/lib/a.txt','utf8'),v.readFile('/n.txt','utf8')].join());${END}`,
        ),
        ['0,true,kept,59'],
      );
      // The module is replaced, and what was there is compacted away.
      await ended(
        board,
        `var s=require('Storage');
s.list(/^[fo]\\d/).forEach(function(n){s.erase(n);});
s.erase('vfs');s.erase('vfs-parts');s.compact();${END}`,
      );
      await store(board);
      assert.equal(
        await ended(
          board,
          `require('Storage').compact();
var v=require('vfs'),d=new v.StorageVolume();
v.mount(d,'/');
print('@'+[d.moved,v.readFile('/lib/a.txt','utf8'),v.readFile('/n.txt','utf8')].join());
v.writeFile('/n.txt','again');
print('@'+v.readFile('/n.txt','utf8'));${END}`,
        ),
        ['0,kept,59', 'again'],
      );
      await ended(board, `require('Storage').eraseAll();${END}`);
      await store(board);
      assert.equal(
        await ended(
          board,
          `
var v=require('vfs');
try{new v.StorageVolume();}catch(e){print('@'+e.code);}
try{v.StorageVolume.create('32K');}catch(e){print('@'+e.message);}${END}`,
        ),
        [
          'ENODEV',
          "EBUSY: files lie before it, and when one is erased Storage moves what is behind: vfs, vfs-parts. Save them, call require('Storage').eraseAll(), make the volume and write them again; or give {anywhere: true}, create",
        ],
      );
    } finally {
      board.close();
    }
  });

  // The other has free flash besides, which is taken first.
  const only = start === 0x10000000 ? test : () => {};
  only(
    `${name}: from an erased flash the commands of the page, typed as written, end in a mounted volume, after a power cycle too`,
    async () => {
      // Where the firmware lies, and Storage: an RP2040's says so.
      const memory = `process.memory=function(){return {flash_start:0x10000000,flash_binary_end:0x10000000,flash_code_start:${start}}};\n`;
      const board = new Espruino(program, memory);
      try {
        await store(board);
        const [said] = await ended(
          board,
          `var r=require('vfs').boot();print('@'+r.volumes[0].state+' '+r.volumes[0].error.split('\\n').pop());${END}`,
        );
        assert.match(said, /^absent ENODEV: not in Storage/);
        await ended(board, `require('Storage').eraseAll();${END}`);
        await ended(board, LINE(size) + END);
        await store(board);
        assert.equal(
          await ended(
            board,
            `var r=require('vfs').boot(),v=require('vfs');v.writeFile('/main.js','print("@main")');
print('@'+[r.volumes[0].device,r.volumes[0].fs,r.volumes[0].state,r.ok].join());${END}`,
          ),
          ['storage,littlefs2,formatted,true'],
        );
        assert.equal(
          await ended(
            board,
            `var r=require('vfs').boot();print('@'+[r.volumes[0].state,require('vfs').listdir('/').join()].join());${END}`,
          ),
          ['main', 'mounted,main.js'],
        );
      } finally {
        board.close();
      }
    },
  );

  only(`${name}: boot({create}) makes a volume behind the modules, and finds it again`, async () => {
    const board = new Espruino(
      program,
      `process.memory=function(){return {flash_start:0x10000000,flash_binary_end:0x10000000,flash_code_start:${start}}};\n`,
    );
    try {
      await store(board);
      for (const state of ['formatted', 'mounted'])
        assert.equal(
          await ended(
            board,
            `var r=require('vfs').boot({create:'48K'});print('@'+[r.volumes[0].device,r.volumes[0].state,r.ok].join());${END}`,
          ),
          [`storage,${state},true`],
        );
    } finally {
      board.close();
    }
  });

  only(`${name}: scripts that let three starts come to nothing are not run in the fourth, and bootOk() begins anew`, async () => {
    const board = new Espruino(
      program,
      `process.memory=function(){return {flash_start:0x10000000,flash_binary_end:0x10000000,flash_code_start:${start}}};\n`,
    );
    try {
      await ended(board, LINE(size) + END);
      await store(board);
      const begin = (then = '') =>
        ended(board, `var v=require('vfs'),r=v.boot();${then}print('@'+[r.mode,r.scripts.length,typeof global.ran].join());${END}`);
      await begin(`v.writeFile('/main.js','global.ran=1');`);
      const ran = [',1,number'];
      const safe = ['safe,0,undefined'];
      for (const wanted of [ran, ran, ran, safe, ran]) assert.equal(await begin(), wanted);
      assert.equal(await begin('v.bootOk();'), ran);
      for (const wanted of [ran, ran, ran, safe]) assert.equal(await begin(), wanted);
      // The timer of 30 s, at once.
      const hurry = 'var real=setTimeout;global.setTimeout=function(f,ms){return real(f,ms===30000?1:ms);};';
      const late = `${hurry}var v=require('vfs');v.boot();real(function(){print('@end');},200);\n`;
      for (let i = 0; i < 4; i++) assert.equal(await ended(board, late), []);
      assert.equal(await begin(), ran);
    } finally {
      board.close();
    }
  });

  test(`${name}: a volume behind the modules is moved by a compaction, noticed, read, and relocated`, async () => {
    const board = new Espruino(program, before);
    try {
      await ended(board, `require('Storage').write('old','x'.repeat(3001));${END}`);
      await store(board);
      assert.equal(
        await ended(
          board,
          `var s=require('Storage');
var v=require('vfs'),d=v.StorageVolume.create('40K',{anywhere:true});
v.mount(d,'/',{mkfs:true});
v.writeFile('/a.txt','kept '.repeat(500));
s.write('behind','b'.repeat(777));
print('@'+s.list().join());${END}`,
        ),
        ['old,vfs,vfs-parts,vfs-pad,vfs-volume,behind'],
      );
      assert.equal(
        await ended(
          board,
          `var s=require('Storage');s.erase('old');s.compact();
var v=require('vfs'),d=new v.StorageVolume();
print('@'+(d.moved<0&&d.moved%${page}!==0));
v.mount(d,'/');
try{v.writeFile('/b.txt','x');}catch(e){print('@'+e.code);}
d.relocate();
print('@'+[d.moved,v.readFile('/a.txt','utf8')==='kept '.repeat(500),s.read('behind')==='b'.repeat(777)].join());${END}`,
        ),
        ['true', 'EROFS', '0,true,true'],
      );
      assert.equal(
        await ended(
          board,
          `var s=require('Storage'),v=require('vfs'),d=new v.StorageVolume();
v.mount(d,'/');
v.writeFile('/b.txt','written');
print('@'+[d.moved,v.readFile('/a.txt','utf8')==='kept '.repeat(500),v.readFile('/b.txt','utf8'),s.list().join()].join());${END}`,
        ),
        ['0,true,written,vfs,vfs-parts,vfs-pad,vfs-volume,behind'],
      );
    } finally {
      board.close();
    }
  });
}

test.run();
