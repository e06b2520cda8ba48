/** `microvfs boot` with each board, its button and its card, and `microvfs partitions`. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { simBoards } from '../boards/sim';
import type { BlockDevice } from '../modules/contract/filesystem';
import { VfsFat } from '../modules/fat';
import { microvfs, type Run } from './support/command';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-cli-boards-'));
const at = (name: string) => join(folder, name);

async function ran(...args: string[]): Promise<Run & { lines: string[] }> {
  const done = await microvfs(args);
  return { ...done, lines: done.out.split('\n').filter(Boolean) };
}

function script(source: string): string {
  writeFileSync(at('script.js'), source);
  return at('script.js');
}

/** The image as a device in whole blocks. */
function overImage(image: Uint8Array): BlockDevice {
  return {
    readblocks: (block, buf) => buf.set(image.subarray(block * 512, block * 512 + buf.length)),
    writeblocks: (block, buf) => image.set(buf, block * 512),
    ioctl: (op) => (op === 4 ? image.length / 512 : op === 5 ? 512 : 0),
  };
}

for (const board of Object.keys(simBoards).filter((name) => !simBoards[name].partitioned))
  test(`${board}: a chip is made, and keeps what was written to it`, async () => {
    const flash = ['boot', '--board', board, '--flash', at(board + '.bin'), '--run'];
    const first = await ran(...flash, script("var vfs = require('vfs'); vfs.writeFile('a.txt', 'kept');"));
    assert.is(first.code, 0, first.err + first.lines.join('\n'));
    assert.match(first.lines[0], new RegExp(`^${board}: .* formatted$`));
    assert.is(statSync(at(board + '.bin')).size, simBoards[board].geometry.size);
    const second = await ran(...flash, script("print(require('vfs').readFile('a.txt', 'utf8'));"));
    assert.match(second.lines[0], / mounted$/);
    assert.is(second.lines[1], 'kept');
    const other = await ran('boot', '--board', board, '--flash', at(board + '.bin'), '--size', '256K');
    assert.is(other.code, 2);
    assert.match(other.err, '--size 262144');
  });

test('the button is held, the LEDs show it, and the card is written', async () => {
  const image = new Uint8Array(2048 * 512);
  VfsFat.mkfs?.(overImage(image));
  writeFileSync(at('card.img'), image);
  const run = await ran(
    ...['boot', '--board', 'stm32', '--flash', at('held.bin'), '--hold', 'BTN1:900', '--sd', at('card.img')],
    ...[
      '--run',
      script("var vfs = require('vfs'); print(vfs.bootReport.mode, vfs.getcwd()); vfs.writeFile('photo', 'x'); vfs.umount('/sd');"),
    ],
  );
  assert.is(run.code, 0, run.err);
  assert.equal(run.lines.slice(0, 3), ['LED1 on', 'stm32: release the button for 1, normal start', 'LED1 off']);
  assert.equal(run.lines.slice(-3), ['stm32: /flash flash fat formatted', 'stm32: /sd sd fat mounted', 'safe /sd']);
  const fs = new VfsFat(overImage(new Uint8Array(readFileSync(at('card.img')))));
  fs.mount(true, false);
  assert.is(fs.stat('/photo')[6], 1);
});

test('misuse is one line and exit code 2', async () => {
  for (const [args, text] of [
    [['--hold', 'BTN2:100'], 'give BTN1 and milliseconds'],
    [['--sd', at('none.img')], "cannot use the card's file"],
    [['--board', 'toaster'], 'Allowed choices are esp32, esp8266'],
  ] as const) {
    const run = await ran('boot', '--flash', at('x.bin'), ...args);
    assert.is(run.code, 2);
    assert.match(run.err, text);
  }
});

test('partitions makes a table and prints it', async () => {
  writeFileSync(at('table.csv'), 'nvs, data, nvs, 0x9000, 24K\nfactory, app, factory, 0x10000, 1984K\n');
  const run = await ran('partitions', at('table.csv'), '-o', at('table.bin'));
  assert.is(run.code, 0, run.err);
  assert.is(run.lines[2], 'vfs              type 1  subtype 0x83  at 0x200000  2048 kB');
  assert.is(statSync(at('table.bin')).size, 0xc00);
  writeFileSync(at('table.csv'), 'nvs, data, nvs, 0x9001, 24K\n');
  const bad = await ran('partitions', at('table.csv'), '-o', at('table.bin'));
  assert.is(bad.code, 2);
  assert.match(bad.err, 'line 1: nvs must begin at a multiple of 4096');
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
