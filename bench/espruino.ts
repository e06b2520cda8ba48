/**
 * `npx tsx bench/espruino.ts`: what operations on an ESP32's volume cost on Espruino itself, counted: tokens lexed, machine
 * instructions, calls of the flash chip. Needs `ESPRUINO`, Espruino's build for Linux, and valgrind, whose callgrind counts. The
 * board's bundle lies in Storage as on a board. The chip is an array in RAM; the tokens of its functions are taken off.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { native, Partition } from '../boards/esp32';
import { espruinoFlash, NorFlash } from '../boards/sim';
import type { RawFile } from '../modules/contract/filesystem';
import { VfsLfs2 } from '../modules/littlefs2';
import { distPath } from '../tools/dist';
import { storedBundles } from '../tools/stored';

const PAGE = 4096;
const CHIP_PAGES = 1024;

/** A chip of 4 MB with a partition `vfs` of 1 MB; on it, unless it is to be blank, 100 files of 100 bytes in `/d`, and `/big` of 64 kB. */
function chip(blank: boolean): NorFlash {
  const nor = new NorFlash({ size: CHIP_PAGES * PAGE, eraseSize: PAGE, progSize: 4 });
  const table = new Uint8Array(PAGE).fill(0xff);
  table.fill(0, 0, 32);
  table.set([0xaa, 0x50, 1, 0x81, 0, 0, 0x20, 0, 0, 0, 0x10, 0, 0x76, 0x66, 0x73]);
  nor.poke(8, table);
  if (blank) return nor;
  native.flash = espruinoFlash(nor);
  const bdev = new Partition('vfs');
  VfsLfs2.mkfs(bdev);
  const fs = new VfsLfs2(bdev);
  fs.mount(false, false);
  const store = (path: string, bytes: Uint8Array): void => {
    const file = fs.open(path, 'w') as RawFile;
    file.writeAt(0, bytes);
    file.close();
  };
  fs.mkdir('/d');
  for (let i = 0; i < 100; i++) store(`/d/file${String(i).padStart(3, '0')}.txt`, new Uint8Array(100).fill(i));
  store(
    '/big',
    new Uint8Array(65536).map((_, i) => i),
  );
  fs.umount();
  return nor;
}

/** What each is; before it, what is not counted. */
export const WORKLOADS: { [name: string]: { before: string; work: string; blank?: boolean } } = {
  'require, Partition': { before: '', work: 'var vfs=require("vfs"),part=new vfs.Partition("vfs");' },
  'mount, 100 files': { before: '', work: 'vfs.mount(part,"/");' },
  'list 100 files, first': { before: '', work: 'vfs.listdir("/d");' },
  'list 100 files': { before: '', work: 'vfs.listdir("/d");' },
  stat: { before: 'vfs.stat("/d/file051.txt");', work: 'vfs.stat("/d/file050.txt");' },
  'open for reading': { before: '', work: 'var file=vfs.open("/big","rb");' },
  'read 4 kB': { before: 'var buf=new Uint8Array(4096);file.readinto(buf);file.readinto(buf);', work: 'file.readinto(buf);' },
  'read 256 B': { before: 'var few=new Uint8Array(256);file.readinto(few);', work: 'file.readinto(few);' },
  'open for appending': { before: 'file.close();', work: 'file=vfs.open("/log","a");' },
  'first append 32 B, flush': {
    before: 'var text="0123456789abcdef0123456789abcdef";',
    work: 'file.write(text);file.flush();',
  },
  'append 32 B, flush, small file': { before: '', work: 'file.write(text);file.flush();' },
  'append 32 B, flush': {
    before: 'for(var i=0;i<30;i++){file.write(text);file.flush();}',
    work: 'file.write(text);file.flush();',
  },
  'writeFile 1 kB, new': { before: 'file.close();var kB=new Uint8Array(1000);', work: 'vfs.writeFile("/w",kB);' },
  'writeFile 1 kB, again': { before: '', work: 'vfs.writeFile("/w",kB);' },
  'first boot, blank 1 MB': { before: 'var vfs=require("vfs");', work: 'vfs.boot();', blank: true },
};

/** The chip's functions have no branches, so that a call is always as many tokens. */
export function script(blank: boolean, names: string[]): string {
  const nor = chip(blank);
  const lines = [
    `var ERASED="\\xff";while(ERASED.length<${PAGE})ERASED+=ERASED;`,
    'var PAGES=[],CALLS=[0,0,0],OWN=require;',
    `for(var i=0;i<${CHIP_PAGES};i++)PAGES[i]=undefined;`,
    `for(var i=512;i<768;i++){PAGES[i]=new Uint8Array(${PAGE});PAGES[i].set(ERASED);}`,
    // The boot loader's places, and the table.
    `for(var i=0;i<9;i++){PAGES[i]=new Uint8Array(${PAGE});PAGES[i].set(ERASED);}`,
    'var FLASH={',
    'read:function(n,a){CALLS[0]++;var r=new Uint8Array(n);r.set(new Uint8Array(PAGES[a>>12].buffer,a&4095,n));return r;},',
    'write:function(d,a){CALLS[1]++;PAGES[a>>12].set(d,a&4095);},',
    'erasePage:function(a){CALLS[2]++;PAGES[a>>12].set(ERASED);},',
    'getPage:function(a){return {addr:a-a%4096,length:4096};}};',
    'var require=function(n){return n=="Flash"?FLASH:OWN(n);};',
    'function READ(n,a){}function WRITE(d,a){}function ERASE(a){}',
  ];
  for (const block of nor.usedBlocks()) {
    const page = new Uint8Array(PAGE);
    nor.peek(block * PAGE, page);
    let length = PAGE;
    while (length && page[length - 1] === 0xff) length--;
    lines.push(`PAGES[${block}].set(atob("${Buffer.from(page.subarray(0, length)).toString('base64')}"));`);
  }
  // Empty functions called alike, so that what is left is the bodies of the chip's.
  const mark = 'E.kickWatchdog();';
  const few = 'var few=new Uint8Array(32);';
  lines.push(few);
  for (const calls of [
    'READ(32,4096);',
    'WRITE(few,4096);',
    'ERASE(4096);',
    'FLASH.read(32,4096);',
    'FLASH.write(few,4096);',
    'FLASH.erasePage(4096);',
  ])
    lines.push(`${mark}${calls}${mark}`);
  for (const name of names) {
    const { before, work } = WORKLOADS[name];
    lines.push(before, `CALLS=[0,0,0];${mark}${work}${mark}print("calls "+CALLS.join(" "));`);
  }
  lines.push('print("done");');
  return lines.join('\n') + '\n';
}

export interface Counts {
  tokens: number;
  instructions: number;
  reads: number;
  writes: number;
  erases: number;
}

/** Tokens and instructions of one dump of callgrind: from one mark to the next. */
function dumped(text: string): { tokens: number; instructions: number } {
  let tokens = 0;
  let lexer = false;
  const names: { [id: string]: string } = {};
  for (const line of text.split('\n')) {
    const named = /^c?fn=\((\d+)\)(?: (.*))?$/.exec(line);
    if (named?.[2]) names[named[1]] = named[2];
    if (named && line[0] === 'c') lexer = names[named[1]] === 'jslGetNextToken';
    const calls = /^calls=(\d+)/.exec(line);
    if (calls && lexer) tokens += Number(calls[1]);
  }
  return { tokens, instructions: Number(/^(?:totals|summary): (\d+)/m.exec(text)?.[1]) };
}

async function run(program: string, args: string[], folder: string): Promise<string> {
  // Its input stays open and silent: at the end of it, Espruino reads noise.
  const child = spawn(program, args, { cwd: folder, env: { ...process.env, ESPR_QUIET: '1' }, stdio: ['pipe', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.setEncoding('latin1').on('data', (text) => (output += text));
  await new Promise((done, failed) => child.on('close', done).on('error', failed));
  return output;
}

/** What the workloads cost that run one after the other on one volume, up to the last of `names`. */
async function measureOn(program: string, blank: boolean, names: string[]): Promise<[string, Counts][]> {
  const folder = mkdtempSync(join(tmpdir(), 'microvfs-bench-'));
  try {
    // The bundle is stored before, as on a board.
    const stored = Object.entries(storedBundles('esp32')).map(
      ([name, file]) => `require("Storage").write("${name}",${JSON.stringify(readFileSync(distPath(file), 'latin1'))});`,
    );
    writeFileSync(join(folder, 'store.js'), stored.join('\n') + '\n');
    await run(program, ['store.js'], folder);
    writeFileSync(join(folder, 'bench.js'), script(blank, names));
    const callgrind = ['--tool=callgrind', '--dump-before=jswrap_espruino_kickWatchdog', '--callgrind-out-file=out', program, 'bench.js'];
    const output = await run('valgrind', callgrind, folder);
    const calls = [...output.matchAll(/calls (\d+) (\d+) (\d+)/g)].map((match) => match.slice(1).map(Number));
    if (!/^done/m.test(output) || calls.length !== names.length) throw new Error(`Espruino stopped:\n${output}`);
    // Marks come in pairs: what is between two pairs is not counted.
    const dump = (k: number) => dumped(readFileSync(join(folder, `out.${2 * k + 2}`), 'latin1'));
    const own = [0, 1, 2].map((k) => ({
      tokens: dump(k + 3).tokens - dump(k).tokens,
      instructions: dump(k + 3).instructions - dump(k).instructions,
    }));
    return names.map((name, k) => {
      const { tokens, instructions } = dump(k + 6);
      const [reads, writes, erases] = calls[k];
      const less = (figure: 'tokens' | 'instructions') => calls[k].reduce((sum, count, kind) => sum + count * own[kind][figure], 0);
      return [name, { tokens: tokens - less('tokens'), instructions: instructions - less('instructions'), reads, writes, erases }];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function measure(program: string): Promise<[string, Counts][]> {
  const results: [string, Counts][] = [];
  for (const blank of [false, true])
    results.push(
      ...(await measureOn(
        program,
        blank,
        Object.keys(WORKLOADS).filter((name) => !!WORKLOADS[name].blank === blank),
      )),
    );
  return results;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const program = process.env.ESPRUINO;
  if (!program) {
    console.log('ESPRUINO is not set: it names the program of Espruino for Linux');
    process.exit(1);
  }
  console.log('ESP32, 1 MB: tokens, thousands of instructions, calls of Flash.read, write, erasePage');
  for (const [name, { tokens, instructions, reads, writes, erases }] of await measure(program))
    console.log(
      name.padEnd(32) +
        [tokens, Math.round(instructions / 1000), reads, writes, erases]
          .map((figure, k) => String(figure).padStart(k < 2 ? 10 : 6))
          .join(''),
    );
}
