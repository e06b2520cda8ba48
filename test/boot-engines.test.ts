/** The whole boot from the built bundles, from power-on to script, on every board and in every engine that is here. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SDCard } from '../boards/devices/sdcard';
import { boards, descriptionOf, NorFlash, SimSdCard, SimSdSlot, simBoards } from '../boards/sim';
import { VfsFat } from '../modules/fat';
import { distPath } from '../tools/dist';
import { type BoardSetup, bootSource, deviceSources } from '../tools/engines/engine';
import { runExternal } from '../tools/engines/external';
import { nodeEngine } from '../tools/engines/node';
import { quickjsEngine } from '../tools/engines/quickjs';
import { programsHere } from './support/program';

const inProcess = { node: nodeEngine, quickjs: quickjsEngine };
const engines = [...Object.keys(inProcess), ...Object.keys(programsHere())];

const OK = "require('vfs').bootReport.ok";

/** Powers a board on, then runs a script. Gives what its console showed. @param boot how it boots, if otherwise than it should */
async function powerOn(engine: string, board: string, nor: NorFlash, setup: BoardSetup, script: string, boot?: string): Promise<string[]> {
  const lines: string[] = [];
  const steps = [boot ?? bootSource(simBoards[board], setup), script].map((source) => ({ source, fileName: 'step' }));
  if (!(engine in inProcess)) {
    assert.ok(await runExternal(engine, board, nor, { steps, success: OK, setup }, (line) => lines.push(line)), lines.join('\n'));
    return lines;
  }
  const device = await inProcess[engine as 'node'].start(nor, (line) => lines.push(line), setup.card);
  for (const { source, fileName } of [...deviceSources(board, setup.kind, setup), ...steps]) {
    const outcome = device.evaluate(source, fileName);
    assert.ok(outcome.ok, outcome.text + '\n' + lines.join('\n'));
  }
  assert.is(device.evaluate(OK, 'end').text, 'true', lines.join('\n'));
  device.close();
  return lines;
}

const firstScript = `
var vfs = require('vfs');
var here = vfs.getcwd() === '/' ? '' : vfs.getcwd();
vfs.mkdir(here + '/lib');
vfs.writeFile(here + '/lib/adder.js', "exports.add = function (n) { return require('./one') + n; };");
vfs.writeFile(here + '/lib/one.js', 'module.exports = 1;');
vfs.writeFile(here + '/main.js', "console.log('main: ' + require('adder').add(4) + ' ' + require('vfs').require('adder').add(5));");
`;

/** A card with FAT on it. */
function card(): SimSdCard {
  const made = new SimSdCard({ type: 'SDSC', blocks: 4096 });
  const slot = new SimSdSlot(made);
  VfsFat.mkfs?.(new SDCard(slot.spi, slot.cs));
  return made;
}

/** A chip as it comes from the factory; the ESP32's with a partition table. */
function freshNor(board: string): NorFlash {
  const geometry = simBoards[board].geometry;
  if (!simBoards[board].partitioned) return new NorFlash(geometry);
  const nor = new NorFlash({ ...geometry, size: 512 * 1024 });
  // Data, subtype 0x81, at 0x40000, 0x40000 bytes, labelled vfs.
  const table = new Uint8Array(4096).fill(0xff);
  table.fill(0, 0, 32);
  table.set([0xaa, 0x50, 1, 0x81, 0, 0, 4, 0, 0, 0, 4, 0, 0x76, 0x66, 0x73]);
  nor.poke(8, table);
  return nor;
}

if (!existsSync(distPath('stm32/vfs.min.js'))) console.log('SKIP: boot from the bundles: run npm run build first');
else
  for (const engine of engines) {
    for (const board of Object.keys(simBoards)) {
      const { volumes, drivers } = descriptionOf(board, boards[board]);
      // No volume has been made in Storage.
      const device = volumes[0].devices.find((name) => name !== 'storage' || board === 'zephyr');
      const volume = `${board}: ${volumes[0].point} ${device} ${drivers[0].name}`;
      test(`${board} in ${engine}: a blank chip boots, and the second boot runs main.js with a module of the volume`, async () => {
        const nor = freshNor(board);
        assert.equal(await powerOn(engine, board, nor, {}, firstScript), [`${volume} formatted`]);
        assert.equal(await powerOn(engine, board, nor, {}, '1'), [`${volume} mounted`, 'main: 5 6']);
        // What one engine has written another one reads.
        assert.equal(await powerOn('node', board, nor, {}, '1'), [`${volume} mounted`, 'main: 5 6']);
      });
    }

    test(`esp32 in ${engine}: boot({ fs: true }) gives fs to the scripts, or says that the bundle has none`, async () => {
      const nor = freshNor('esp32');
      const main =
        "var fs; try { fs = require('fs'); } catch (none) {} if (fs && fs.openSync) fs.appendFileSync('/log', 'x');" +
        "console.log('main: ' + (fs && fs.openSync ? fs.statSync('/log').size : 'no fs'));";
      const boot = "require('vfs').boot({ fs: true })";
      await powerOn(engine, 'esp32', nor, {}, `require('vfs').writeFile('/main.js', ${JSON.stringify(main)});`);
      // Espruino on a computer has a file system of its own, which is taken for the firmware's card.
      const card = engine === 'espruino' ? ['esp32: /sd sd  mounted'] : [];
      assert.equal(await powerOn(engine, 'esp32', nor, { kind: '-sd' }, "print(require('fs').readFileSync('/log', 'utf8'))", boot), [
        'esp32: / vfs littlefs2 mounted',
        ...card,
        'main: 1',
        'x',
      ]);
      const tell = "var report = require('vfs').bootReport; print(report.ok, report.error); report.ok = true;";
      assert.equal(await powerOn(engine, 'esp32', nor, {}, tell, boot), [
        'esp32: / vfs littlefs2 mounted',
        'esp32: ENOSYS: no such operation, installFs',
        'main: no fs',
        'false ENOSYS: no such operation, installFs',
      ]);
    });

    for (const board of ['stm32', 'nrf52'])
      test(`${board} in ${engine}: the button chooses a factory reset, which the LEDs show`, async () => {
        const nor = freshNor(board);
        await powerOn(engine, board, nor, {}, firstScript);
        const lines = await powerOn(
          engine,
          board,
          nor,
          { hold: 1400, speed: 20 },
          "print(require('vfs').listdir('/flash').sort().join());",
        );
        const leds = lines.filter((line) => /^LED/.test(line));
        // Modes 1, 2, 3 in binary; then mode 3 flashes.
        assert.equal(leds.slice(0, 5), ['LED1 on', 'LED1 off', 'LED2 on', 'LED1 on', 'LED1 off']);
        assert.equal(
          lines.filter((line) => !/^LED/.test(line)),
          [
            `${board}: release the button for 1, normal start`,
            `${board}: release the button for 2, safe mode`,
            `${board}: release the button for 3, factory reset`,
            `${board}: factory reset, leave the power on`,
            `${board}: safe mode, scripts are not run`,
            `${board}: /flash flash ${board === 'stm32' ? 'fat' : 'littlefs2'} formatted`,
            'README.txt,boot.js,main.js',
          ],
        );
      });

    for (const board of ['stm32', 'zephyr', 'esp32'])
      test(`${board} in ${engine}: a card is mounted, and what is written to it is sound for fsck.fat`, async () => {
        const sd = card();
        const setup = { card: sd, kind: board === 'stm32' ? '' : '-sd' };
        const nor = freshNor(board);
        const lines = await powerOn(
          engine,
          board,
          nor,
          setup,
          `var vfs = require('vfs'); vfs.mkdir('/sd/a long directory'); vfs.writeFile('/sd/a long directory/f.txt', 'on the card');
           print(vfs.readFile('/sd/a long directory/f.txt', 'utf8')); vfs.umount('/sd');`,
        );
        assert.equal(lines.slice(1), [`${board}: /sd ${board === 'zephyr' ? 'SD' : 'sd'} fat mounted`, 'on the card']);
        fsck(sd);
      });
  }

function fsck(sd: SimSdCard): void {
  const folder = mkdtempSync(join(tmpdir(), 'microvfs-card-'));
  try {
    const image = new Uint8Array(sd.description.blocks * 512);
    for (const block of sd.usedBlocks()) image.set(sd.peek(block), block * 512);
    const path = join(folder, 'card.img');
    writeFileSync(path, image);
    const checked = spawnSync('fsck.fat', ['-n', path], { encoding: 'utf8' });
    if (checked.error) console.log('SKIP: no fsck.fat');
    else assert.is(checked.status, 0, checked.stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.run();
