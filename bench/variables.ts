/**
 * What a bundle takes of Espruino's variables, step by step, and the least number of free variables with which a script runs.
 * The bundle lies in Storage, the volume of 1 MB in a partition of an ESP32 whose chip is a file: `Flash.read` gives a new
 * array each time, as on a board.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RAMBlockDev } from '../modules/blockdev';
import { VfsLfs2 } from '../modules/littlefs2';
import { outputOf } from '../test/support/program';
import { distPath } from '../tools/dist';
import { storedBundles } from '../tools/stored';

const BLOCK = 4096;
const BLOCKS = 256;
const START = 0x100000;
const CHIP = 0x400000;
/** Of a bundle that is put into Storage. */
const PIECE = 30000;

/** A partition table with one row, `vfs`. ESP-IDF may be configured to write no MD5. */
function table(): Uint8Array {
  const row = Buffer.alloc(64, 0xff);
  row.fill(0, 0, 32);
  row.writeUInt16LE(0x50aa, 0);
  row[2] = 1;
  row[3] = 0x83;
  row.writeUInt32LE(START, 4);
  row.writeUInt32LE(BLOCK * BLOCKS, 8);
  row.write('vfs', 12, 'latin1');
  return row;
}

/** A chip whose volume holds so many files of 100 bytes, `/f0` and on. */
function chip(files: number): Buffer {
  const disk = new RAMBlockDev(BLOCK, BLOCKS);
  VfsLfs2.mkfs(disk);
  const fs = new VfsLfs2(disk);
  fs.mount(false, false);
  for (let i = 0; i < files; i++) {
    const file = fs.open('/f' + i, 'w');
    file.writeAt(0, new Uint8Array(100).fill(65 + (i % 26)));
    file.close();
  }
  fs.umount();
  const image = Buffer.alloc(CHIP, 0xff);
  image.set(table(), 0x8000);
  for (let i = 0; i < BLOCKS; i++) disk.readblocks(i, image.subarray(START + i * BLOCK, START + (i + 1) * BLOCK));
  return image;
}

/** `Flash` over the file, and what measures. Nothing of it is counted. */
const HARDWARE = `
var image=E.openFile('chip.bin','r+'),blank=new Uint8Array(4096).fill(255),own=require;
var hardware={
read:function(n,a){image.seek(a);return new Uint8Array(E.toArrayBuffer(image.read(n)));},
write:function(d,a){image.seek(a);image.write(d);},
erasePage:function(a){image.seek(a-a%4096);image.write(blank);},
getPage:function(a){return a>=0&&a<${CHIP}?{addr:a-a%4096,length:4096}:undefined;},
getFree:function(){return [];}};
global.require=function(name){return name==='Flash'?hardware:own(name);};
var say=print,used=function(){return process.memory().usage;};
var told=[],last;
var tell=function(){var now=used();told.push(now-last);last=used();};
`;

/** What is done, in order; after each step the variables are counted. */
const STEPS: [name: string, source: string][] = [
  ['require', "var vfs=require('vfs')"],
  ['mount', "vfs.mount(new vfs.Partition('vfs'),'/')"],
  ['open and read', "var file=vfs.open('/f0');var text=file.read(20)"],
  ['close', 'file.close();file=text=undefined'],
  ['listdir', "var names=vfs.listdir('/').length"],
  ['open to append', "file=vfs.open('/f1','a')"],
  ['append and flush', "file.write('0123456789abcdef0123456789abcdef');file.flush()"],
  ['ten appends more', "for(var i=0;i<10;i++){file.write('0123456789abcdef0123456789abcdef');file.flush()}"],
  ['close', 'file.close();file=undefined'],
  ['make, rename, remove', "vfs.mkdir('/d');vfs.rename('/f1','/d/f');vfs.remove('/d/f');vfs.rmdir('/d')"],
];

/** A script that reads. */
export const READING = `
var vfs=require('vfs');
vfs.mount(new vfs.Partition('vfs'),'/');
var n=vfs.listdir('/').length;
var file=vfs.open('/f0');
var text=file.read(20);
file.close();`;
/** The same, and appends. */
export const APPENDING = `${READING}
file=vfs.open('/f1','a');
for(var i=0;i<3;i++){file.write('0123456789abcdef0123456789abcdef');file.flush();}
file.close();`;

export interface Held {
  /** Of the interpreter itself. */
  start: number;
  /** What each of the steps has added. */
  steps: { name: string; variables: number }[];
}

export class Bench {
  private readonly folder = mkdtempSync(join(tmpdir(), 'microvfs-memory-'));
  private readonly images = new Map<number, Buffer>();

  constructor(private readonly program: string) {}

  /** Runs a script; its output. */
  async run(source: string): Promise<string> {
    const file = join(this.folder, 'script.js');
    writeFileSync(file, source);
    // Espruino keeps its flash in the working directory.
    return outputOf(this.program, [file], { cwd: this.folder, env: { ...process.env, ESPR_QUIET: '1' }, timeout: 120000 });
  }

  async store(board: string, kind: string): Promise<void> {
    for (const [name, bundle] of Object.entries(storedBundles(board, kind))) {
      const text = readFileSync(distPath(bundle), 'latin1');
      // In pieces: the script that writes one has it in variables.
      for (let at = 0; at < text.length; at += PIECE) {
        const source = JSON.stringify(text.substring(at, at + PIECE));
        const output = await this.run(`print('stored '+require('Storage').write('${name}',${source},${at},${text.length}));`);
        if (!/stored true/.test(output)) throw new Error(output.slice(-500));
      }
    }
  }

  /** Puts a fresh chip there. */
  private place(files: number): void {
    const image = this.images.get(files) ?? chip(files);
    this.images.set(files, image);
    const fd = openSync(join(this.folder, 'chip.bin'), 'w');
    writeSync(fd, image);
    closeSync(fd);
  }

  /** @param begin what is done before, and not counted */
  async held(files: number, steps = STEPS, begin = ''): Promise<Held> {
    this.place(files);
    const counted = steps.map(([, source]) => `${source};\ntell();`).join('\n');
    const output = await this.run(`var start=process.memory().usage;
${HARDWARE}
${begin}
last=used();tell();last=used();
${counted}
say('held '+start+' '+told.join(' '));`);
    const match = /^held (\d+) -?\d+ ([-\d ]+)/m.exec(output);
    if (!match) throw new Error(output.slice(-2000));
    const numbers = match[2].split(' ').map(Number);
    return { start: Number(match[1]), steps: steps.map(([name], i) => ({ name, variables: numbers[i] })) };
  }

  /** Runs a script beside a volume; what it prints, with `say`. */
  async script(files: number, source: string): Promise<string> {
    this.place(files);
    return this.run(HARDWARE + source);
  }

  /** Whether a script comes to its end with so many variables free before it. @param begin what is done before that */
  async runs(files: number, script: string, free: number, strict: boolean, begin = ''): Promise<boolean> {
    this.place(files);
    // One array takes all the others.
    const output = await this.run(`${HARDWARE}
${begin}
var before=process.memory().free;
var filling=new Uint8Array(Math.max(0,(before-${free}-20)*14));
while(process.memory().free>${free}+2)told.push(0);
E.getErrorFlags();
var finish=function(){
var flags=E.getErrorFlags().join();
told=filling=undefined;
say('end '+flags);
};
${script}
${/\bfinish\(/.test(script) ? '' : 'finish();'}`);
    // What comes later stands behind the prompt.
    const end = /(?:^|J)end (.*)/m.exec(output);
    return !!end && !/(^|,)MEMORY/.test(end[1]) && (!strict || !/LOW_MEMORY/.test(end[1]));
  }

  /**
   * The least number of variables, free before it, with which a script comes to its end; one that is not over when it has run calls `finish()`.
   * @param strict also without LOW_MEMORY, which Espruino says when it had to look for what nobody uses
   * @param begin what is done before
   */
  async peak(files: number, script: string, strict: boolean, begin = ''): Promise<number> {
    const works = (free: number) => this.runs(files, script, free, strict, begin);
    let fails = begin ? 10 : 200;
    let suffices = begin ? 3000 : 8000;
    if (!(await works(suffices))) throw new Error('does not run at all');
    while (suffices - fails > 10) {
      const middle = (fails + suffices) >> 1;
      if (await works(middle)) suffices = middle;
      else fails = middle;
    }
    return suffices;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
