/** The pages of boards with stock firmware: their commands, as written, over a Storage of the board's layout. */
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootReport } from '../boards/boot/types';
import { native } from '../boards/devices/native';
import * as esp32 from '../boards/esp32';
import * as nrf52 from '../boards/nrf52';
import * as rp2 from '../boards/rp2';
import { type ChipDescription, chips, insertChip } from '../boards/sim';
import type { SimStorage } from '../boards/sim/storage';
import * as vfs from '../modules/vfs';
import { packagePath } from '../tools/dist';
import { storeSource } from '../tools/engines/engine';
import { Espruino } from './support/espruino';

const KB = 1024;
/** Storage of each page's board, as `boards/*.py` of Espruino 2v29 have it. */
const layouts: { [page: string]: { chip: ChipDescription; board: { boot(): BootReport; budget: typeof rp2.budget } } } = {
  pico: { chip: chips.rp2040, board: rp2 },
  pico2: { chip: storageAt(0x10000000, 0x100000, 3072), board: rp2 },
  esp32: { chip: storageAt(0, 0x320000, 896), board: esp32 },
  bangle2: { chip: chips.bangle2stock, board: nrf52 },
  jolt: { chip: chips.jolt, board: nrf52 },
  xiaoble: { chip: storageAt(0x60000000, 0, 2048), board: nrf52 },
};

function storageAt(base: number, offset: number, kB: number): ChipDescription {
  return {
    base,
    sectors: [[4096, 1024]],
    word: 4,
    free: [],
    memory: { flash_code_start: base + offset },
    storage: kB * KB,
  };
}

const textOf = (page: string) => readFileSync(packagePath(`docs/boards/${page}.md`), 'utf8');
const scriptsOf = (page: string) => [...textOf(page).matchAll(/```javascript device\n([\s\S]*?)```/g)].map((match) => match[1]);

test.after.each(() => {
  for (const [, point] of vfs.mount()) vfs.umount(point, { force: true });
});

test('each page has its board here, and the table has each page', () => {
  const pages = readdirSync(packagePath('docs/boards')).map((name) => name.replace('.md', ''));
  assert.equal(pages.filter((name) => name !== 'README').sort(), Object.keys(layouts).sort());
  for (const page in layouts) assert.match(textOf('README'), `(${page}.md)`);
});

for (const [page, { chip, board }] of Object.entries(layouts))
  test(`${page}: its commands end in a mounted volume of the size and with the room that it says, and get rid of it`, () => {
    const text = textOf(page);
    const [make, use, , stop, remove] = scriptsOf(page);
    insertChip(native, chip);
    const storage = native.storage as SimStorage;
    // What comes with the board.
    for (let i = 0; i < 5; i++) storage.write('app' + i, 'x'.repeat(3000));
    const run = (script: string) => {
      const lines: string[] = [];
      const log = console.log;
      console.log = (line: string) => lines.push(line);
      try {
        const face = { ...vfs, boot: board.boot };
        new Function('require', 'print', script)(
          (name: string) => (name === 'Storage' ? storage : face),
          () => {},
        );
      } finally {
        console.log = log;
      }
      return lines;
    };
    run(make);
    // Of the bundle only its size matters here.
    storage.write('vfs', 'x', 0, board.budget['vfs-resident.min.js'].bytes);
    storage.write('vfs-parts', 'x', 0, board.budget['vfs-parts.min.js'].bytes);
    const point = /mounted at `(.*?)`/.exec(text)?.[1] as string;
    const blocks = Number(/, ([\d,]+) blocks/.exec(text)?.[1].replace(/,/g, ''));
    const left = Number(/left in Storage \| ([\d,]+) kB/.exec(text)?.[1].replace(/,/g, ''));
    assert.match(run(use)[0], `${point} storage littlefs2 formatted`);
    assert.equal(vfs.listdir(point), ['main.js']);
    assert.is(vfs.statvfs(point)[2], blocks);
    assert.ok(Math.abs(storage.getStats().freeBytes / KB - left) < 1.5, `${storage.getStats().freeBytes}`);
    vfs.umount(point);
    assert.match(run("require('vfs').boot();")[0], `${point} storage littlefs2 mounted`);
    vfs.umount(point);
    run(stop);
    run(remove);
    assert.equal(storage.list(), []);
    assert.is(storage.getStats().freeBytes, chip.storage as number);
  });

const espruino = process.env.ESPRUINO;
if (!espruino) console.log('SKIP: the page of the Pico in Espruino: set ESPRUINO to its program');
else
  test('pico: its commands in the real Espruino, whose Storage is as large, from power-on to power-on', async () => {
    const [make, use, atStart, stop, remove] = scriptsOf('pico');
    const memory = 'process.memory=function(){return {flash_start:0x10000000,flash_binary_end:0x10000000,flash_code_start:0x10000000}};\n';
    const board = new Espruino(espruino, memory);
    const run = (script: string) => board.run(script);
    try {
      await run(make);
      await run(storeSource('rp2', '', 'require'));
      assert.match(await run(`${use}print('@'+require('vfs').listdir('/').join());`), /rp2: \/ storage littlefs2 formatted[\s\S]*@main.js/);
      await run(`${atStart}require('Storage').write('.bootPowerOn',${JSON.stringify(memory)});`);
      assert.match(await run('1;'), /rp2: \/ storage littlefs2 mounted[\s\S]*hello/);
      await run(stop);
      const end =
        "require('Storage').erase('.bootPowerOn');require('Storage').compact();print('@'+require('Storage').getStats().freeBytes);";
      assert.match(await run(remove + end), '@262144');
    } finally {
      board.close();
    }
  });

test.run();
