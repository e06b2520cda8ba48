/** The pages of boards with stock firmware: their commands, as written, over simulated flash of the board's layout and in real Espruino. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootReport } from '../boards/boot/types';
import { native } from '../boards/devices/native';
import * as esp32 from '../boards/esp32';
import * as esp8266 from '../boards/esp8266';
import { bootLean } from '../boards/lean/boot.lazy';
import { Flash, StorageVolume } from '../boards/lean/device';
import * as nrf52 from '../boards/nrf52';
import * as rp2 from '../boards/rp2';
import { type ChipDescription, chips, insertChip } from '../boards/sim';
import type { SimStorage } from '../boards/sim/storage';
import * as stm32 from '../boards/stm32';
import type { BlockDevice } from '../modules/contract/filesystem';
import * as lean from '../modules/lean';
import * as vfs from '../modules/vfs';
import { storedBundles } from '../tools/bundle-text';
import { distPath } from '../tools/dist';
import { Console } from './espruino/console';
import { type Page, pages, pageText } from './espruino/pages';

const KB = 1024;
const all = pages();

/** Storage of each page's board, as `boards/*.py` of Espruino 2v29 have it. Where the firmware reads a card there is nothing to simulate. */
const layouts: { [page: string]: { chip: ChipDescription; board: { boot(): BootReport; budget: typeof rp2.budget } } } = {
  esp8266: { chip: { ...chips.esp8266, memory: { flash_code_start: 0xcb000 }, storage: 192 * KB }, board: esp8266 },
  microbit2: { chip: { ...chips.nrf52832, free: [] }, board: nrf52 },
  nrf52840dk: {
    chip: { ...chips.jolt, free: [{ addr: 0x90000, length: 0x5c000 }], memory: { flash_code_start: 0xec000 }, storage: 40 * KB },
    board: nrf52,
  },
  puck: { chip: { ...chips.nrf52832, free: [] }, board: nrf52 },
  thingy52: { chip: { ...chips.nrf52832, free: [] }, board: nrf52 },
  pico: { chip: chips.rp2040, board: rp2 },
  pico2: { chip: storageAt(0x10000000, 0x100000, 3072), board: rp2 },
  esp32: { chip: storageAt(0, 0x320000, 896), board: esp32 },
  esp32c3: { chip: storageAt(0, 0x320000, 896), board: esp32 },
  bangle2: { chip: chips.bangle2stock, board: nrf52 },
  jolt: { chip: chips.jolt, board: nrf52 },
  xiaoble: { chip: storageAt(0x60000000, 0, 2048), board: nrf52 },
  stm32f4: { chip: chips.stm32f405, board: stm32 },
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

test.after.each(() => {
  for (const [, point] of vfs.mount()) vfs.umount(point, { force: true });
});

test('each page with a volume in flash has its board here, and the table has the figures of each page', () => {
  assert.equal(
    all.filter(({ kind }) => kind !== '-native').map(({ name }) => name),
    Object.keys(layouts).sort(),
  );
  for (const { name, variables, left, percent, leftInStorage } of all) {
    const row =
      pageText('README')
        .split('\n')
        .find((line) => line.includes(`(${name}.md)`)) ?? '';
    const said = (n: number) => n.toLocaleString('en');
    for (const figure of [`| ${said(leftInStorage)} kB |`, `| ${said(variables)} | ${said(left)} (${percent} %) |`])
      assert.ok(row.includes(figure), `${name}: ${figure}`);
    assert.is(Math.floor((100 * left) / variables), percent, name);
    // What the boards are chosen for.
    assert.ok(percent >= (name === 'esp8266' ? 30 : 40), name);
  }
});

for (const [name, { chip, board }] of Object.entries(layouts))
  test(`${name}: its commands end in a mounted volume of the size and with the room that it says, and get rid of it`, () => {
    const page = all.find((one) => one.name === name) as Page;
    const { make, use, stop, remove, point, blocks, kind } = page;
    const devices: { [name: string]: new () => BlockDevice } | false =
      kind === '-small' && (page.board === 'nrf52' ? { storage: StorageVolume, flash: Flash } : { bdev: Flash });
    const face = devices
      ? { ...lean, Flash: () => new Flash(), bdev: () => new Flash(), boot: () => bootLean(page.board, point, devices) }
      : { ...vfs, boot: board.boot };
    insertChip(native, chip);
    const storage = native.storage as SimStorage;
    const run = (script: string) => {
      const lines: string[] = [];
      const log = console.log;
      console.log = (line: string) => lines.push(line);
      try {
        new Function('require', 'print', script)(
          (module: string) => (module === 'Storage' ? storage : face),
          () => {},
        );
      } finally {
        console.log = log;
      }
      return lines;
    };
    if (make) {
      // What comes with the board.
      for (let i = 0; i < 5; i++) storage.write('app' + i, 'x'.repeat(3000));
      run(make);
    }
    // Of the bundle only its size matters here.
    const single = board.budget[`vfs-resident${kind}.min.js`] ? undefined : board.budget[`vfs${kind}.min.js`];
    storage.write('vfs', 'x', 0, (single ?? board.budget[`vfs-resident${kind}.min.js`]).bytes);
    if (!single) storage.write('vfs-parts', 'x', 0, board.budget[`vfs-parts${kind}.min.js`].bytes);
    assert.match(run(use)[0], / formatted$/);
    assert.equal(face.listdir(point), ['main.js']);
    assert.is(face.statvfs(point)[2], blocks);
    const free = storage.getStats().freeBytes;
    assert.ok(Math.abs(free / KB - page.leftInStorage) < 1.5, `${free}`);
    face.umount(point);
    assert.match(run("require('vfs').boot();")[0], / mounted$/);
    face.umount(point);
    run(stop);
    run(remove);
    assert.equal(storage.list(), []);
    assert.is(storage.getStats().freeBytes, chip.storage as number);
  });

/** For pins that the board has and Linux has not, and the card, which is a folder here. */
const WIRED = 'var B3=1,B4=2,B5=3,B6=4;SPI1.setup=function(){};E.connectSDCard=function(){};';
const MEASURE = '\x10print("#"+process.memory().free+" "+process.memory().total+" "+E.getErrorFlags().join());';

/** The page's commands on its firmware, from an erased flash to an erased flash. */
async function followPage(page: Page, program: string): Promise<void> {
  const { make, use, atStart, stop, remove, point, kind } = page;
  const board = new Console(program);
  const figures = async (what: string) => {
    const [, first, second, flags] = /#(-?\d+) (\d+) ?(\S*)/.exec(await board.type(what)) ?? [];
    return { first: Number(first), second: Number(second), flags };
  };
  const STATS = '\x10var t=require("Storage").getStats();print("#"+t.freeBytes+" "+t.totalBytes);';
  const path = (name: string) => (point === '/' ? '' : point) + '/' + name;
  try {
    await board.on();
    if (kind === '-native') await board.type(`require('Storage').write('.bootPowerOn',${JSON.stringify(WIRED)});`);
    if (make) await board.type(make);
    await board.store(page.board, kind);
    const first = await board.type(use);
    if (kind !== '-native') assert.match(first, / formatted\r\n/);
    assert.match(first, kind === '-native' ? /"hello\.txt"/ : /\[ *\r\n *"main\.js" *\r\n *\]/);
    await board.type(atStart);
    const room = await figures(STATS);
    assert.ok(Math.abs(room.first / KB - page.leftInStorage) < 2.5, `${room.first} bytes are left in Storage`);

    await board.off();
    const second = await board.on();
    if (kind !== '-native') assert.match(second, / mounted\r\n[\s\S]*hello/);
    const read = `\x10print("@"+require("vfs").readFile(${JSON.stringify(path(kind === '-native' ? 'hello.txt' : 'main.js'))},"utf8"));`;
    assert.match(await board.type(read), kind === '-native' ? /@hello/ : /@print\("hello"\)/);

    await board.off();
    await board.on();
    await board.type(
      `\x10var f=require("vfs").open(${JSON.stringify(path('log.txt'))},"a");f.write("more");f.flush();f.write("x");f.flush();`,
    );
    const { first: left, second: variables, flags } = await figures(MEASURE);
    assert.is(flags, '');
    assert.is(variables, page.variables);
    assert.ok(Math.abs(left - page.left) < variables / 50, `${left} variables are left, the page says ${page.left}`);
    assert.is(
      await board
        .type('\x10f.close();print("@"+require("vfs").readFile(' + JSON.stringify(path('log.txt')) + ',"utf8"));')
        .then((said) => /@(\w+)/.exec(said)?.[1]),
      'morex',
    );

    await board.type(stop);
    await board.off();
    await board.on();
    await board.type(remove);
    if (kind === '-native') await board.type("\x10require('Storage').erase('.bootPowerOn');require('Storage').compact();");
    const { first: free, second: total } = await figures(STATS);
    assert.is(free, total);
  } finally {
    await board.close();
  }
}

const folder = process.env.ESPRUINO_BOARDS;
for (const page of all)
  for (const firmware of page.firmwares) {
    const program = join(folder ?? '', firmware);
    if (!folder || !existsSync(program)) console.log(`SKIP: ${page.name} in Espruino: ESPRUINO_BOARDS names no folder with ${firmware}`);
    else
      test(`${page.name} in Espruino with the layout of ${firmware}: its commands, typed as written, from an erased flash to an erased flash`, () =>
        followPage(page, program));
  }

/** Boots from the card, twice, with the bundle for that; gives what is left in Storage, and of the variables. */
async function bootFromCard(page: Page, program: string): Promise<string> {
  const board = new Console(program);
  // The page's own lines up to the mount.
  const wires = page.use
    .split('\n')
    .filter((line) => /setup|connectSDCard/.test(line))
    .join('');
  try {
    await board.on();
    await board.type(`require('Storage').write('.bootPowerOn',${JSON.stringify(WIRED)});`);
    await board.store(page.board, '-card');
    mkdirSync(join(board.folder, 'lib'));
    writeFileSync(join(board.folder, 'lib/count.js'), 'exports.next=function(s){return +s+1};');
    writeFileSync(join(board.folder, 'n'), '1');
    writeFileSync(
      join(board.folder, 'main.js'),
      "var v=require('vfs');v.writeFile('/sd/n',''+require('count').next(v.readFile('/sd/n','utf8')));print('@main '+v.readFile('/sd/n','utf8'));",
    );
    await board.type(`require('Storage').write('.boot0',${JSON.stringify(`${wires}require("vfs").boot()`)});`);
    for (const n of [2, 3]) {
      await board.off();
      const said = await board.on();
      assert.match(said, new RegExp(`${page.board}: /sd sd +mounted`));
      assert.match(said, new RegExp(`@main ${n}\r\n`));
    }
    const left = await board.type(
      '\x10var t=require("Storage").getStats(),f=require("vfs").open("/sd/log","a");f.write("x");print("#"+t.freeBytes+" "+process.memory().free+" "+process.memory().total+" "+E.getErrorFlags().join());f.close();',
    );
    const [, free, variables, total, flags] = /#(\d+) (\d+) (\d+) ?(\S*)/.exec(left) ?? [];
    assert.is(flags, '');
    assert.ok(Number(variables) / Number(total) >= 0.4, `${variables} of ${total}`);
    assert.ok(Number(free) > 3000, free);
    return `${Math.floor(Number(free) / KB)} kB of Storage and ${variables} of ${total} variables are left`;
  } finally {
    await board.close();
  }
}

for (const page of all.filter(({ kind }) => kind === '-native'))
  for (const firmware of page.firmwares) {
    const program = join(folder ?? '', firmware);
    const built = Object.values(storedBundles(page.board, '-card')).every((file) => existsSync(distPath(file)));
    if (!folder || !existsSync(program) || !built)
      console.log(`SKIP: ${page.name} boots from its card: ESPRUINO_BOARDS names no folder with ${firmware}, or -card is not built`);
    else
      test(`${page.name} in Espruino with the layout of ${firmware} boots from the card that its firmware reads, at each start`, async () => {
        console.log(`NOTE: ${firmware}: ${await bootFromCard(page, program)}`);
      });
  }

for (const [firmware, board, cwd] of [
  ['ESP32', 'esp32', '/'],
  ['STM32F4DISCOVERY', 'stm32', '/sd'],
] as const) {
  const program = join(folder ?? '', firmware);
  const built = Object.values(storedBundles(board, '-sd')).every((file) => existsSync(distPath(file)));
  if (!folder || !existsSync(program) || !built)
    console.log(`SKIP: plain boot() and a card: ESPRUINO_BOARDS names no folder with ${firmware}, or ${board}-sd is not built`);
  else
    test(`plain boot() of the bundle -sd mounts the card that the firmware of ${firmware} reads, and passes over what it cannot read`, async () => {
      const console = new Console(program);
      try {
        await console.on();
        await console.store(board, '-sd');
        writeFileSync(join(console.folder, 'here.txt'), 'on the card');
        const tell = '\x10print("#"+v.mount().map(function(m){return m[1]}).join()+" "+v.getcwd());';
        // An option alone leaves what the board's file says.
        const said = await console.type(`\x10var v=require("vfs");v.boot({create:"64K"});\n${tell}`);
        const own = board === 'esp32' ? '/' : '/flash';
        assert.match(said, `#${own},/sd ${cwd}`);
        assert.match(await console.type('\x10print("@"+v.readFile("/sd/here.txt","utf8"));'), '@on the card');
        await console.off();
        await console.on();
        // As without a card in the slot.
        const without = await console.type(
          `\x10require("fs").readdirSync=function(){throw "Unable to list files : NOT_READY";};var v=require("vfs");v.boot();\n${tell}`,
        );
        assert.match(without, `#${own} ${own}`);
        assert.not.match(without, 'failed');
      } finally {
        await console.close();
      }
    });
}

test.run();
