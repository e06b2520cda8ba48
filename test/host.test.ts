/** The page about a host of one's own: its script, as it stands there, over six functions that mind what it says of them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packagePath } from '../tools/dist';
import { bundleExpression } from '../tools/engines/engine';
import { programs } from '../tools/engines/external';
import { outputOf, programsHere } from './support/program';

const page = readFileSync(packagePath('docs/host.md'), 'utf8');
const script = /```javascript device\n([\s\S]*?)```/.exec(page)?.[1] ?? '';

/** 32 pages of 4 kB in units of 4 bytes, each of which takes one program between two erases. */
const HOST = `var flash=new Uint8Array(131072),programmed=new Uint8Array(32768),wrong=[],i;
for(i=0;i<flash.length;i++)flash[i]=255;
function flashSize(){return 131072;}
function flashPage(){return 4096;}
function flashRead(address,array){
  if(address<0||address+array.length>flash.length)return -22;
  for(var i=0;i<array.length;i++)array[i]=flash[address+i];
  return 0;
}
function flashProgram(address,array){
  if(address<0||address+array.length>flash.length||address%4||array.length%4){wrong.push('program '+address+' '+array.length);return -22;}
  for(var i=0;i<array.length;i++){
    if(i%4===0&&programmed[(address+i)/4]++)wrong.push('twice '+(address+i));
    flash[address+i]&=array[i];
  }
  return 0;
}
function flashErase(address){
  if(address%4096||address<0||address>=flash.length){wrong.push('erase '+address);return -22;}
  for(var i=0;i<4096;i++){flash[address+i]=255;programmed[(address+i)>>2]=0;}
  return 0;
}`;

/** All of it twice, as before and after a power cycle: the second time with a module of its own. */
function whole(): string {
  const vfs = bundleExpression('zephyr/vfs.min.js');
  return `var console;if(typeof console==='undefined')console={log:print};
${HOST}
var vfs=${vfs};
(function(){${script}
vfs.makedirs('/flash/a/b');
vfs.writeFile('/flash/a/b/f',new Uint8Array(9000));
vfs.writeFile('/flash/main.js','print("@main")');
for(var k=0;k<100;k++){var log=vfs.open('/flash/log','a');log.write('line '+k+'\\n');log.close();}
})();
vfs=${vfs};
(function(){${script}
print('@'+[vfs.listdir('/flash').sort().join(),vfs.stat('/flash/a/b/f')[6],vfs.readFile('/flash/log','utf8').length,wrong.slice(0,3).join()].join(' '));
})();`;
}

function judge(lines: string[]): void {
  assert.equal(
    lines.filter((line) => line.startsWith('@')),
    ['@main', '@a,log,main.js 9000 790 '],
    lines.slice(-5).join('\n'),
  );
}

test('the script of the page runs in Node, and asks the six functions for nothing but what it says', () => {
  const lines: string[] = [];
  runInNewContext(whole(), { print: (line: string) => lines.push(line), Uint8Array, Int32Array, Uint32Array, Uint16Array });
  judge(lines);
});

for (const [engine, program] of Object.entries(programsHere(Object.keys(programs).filter((one) => one !== 'espruino')))) {
  test(`the script of the page runs in ${engine}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'microvfs-host-'));
    try {
      writeFileSync(join(folder, 'host.js'), whole());
      judge((await outputOf(program, ['host.js'], { cwd: folder, timeout: 120000 })).split(/\r?\n/));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

test.run();
