/** Moddable: volumes and cards over a stand-in of its ECMA-419 classes, the template's module, and XS itself where `XST` names its program. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NorFlash, SimSdCard, SimSdSlot } from '../boards/sim';
import { simEcmaFlash } from '../boards/sim/zephyr';
import type * as zephyr from '../boards/zephyr';
import { ecma419, ecma419Pin, ecma419Spi, FlashArea, SDCard, useZephyr } from '../boards/zephyr';
import { VfsFat } from '../modules/fat';
import { littlefs2 } from '../modules/littlefs2';
import * as vfs from '../modules/vfs';
import { distPath, packagePath } from '../tools/dist';
import { requireSource } from '../tools/engines/engine';
import { outputOf } from './support/program';

vfs.addDriver(littlefs2);

test.after.each(() => {
  for (const [, point] of vfs.mount()) vfs.umount(point, { force: true });
});

/** `embedded:storage/flash` of an ESP32 with the template's table: a partition tells size and length of a block only. */
function flashOf(nor: NorFlash) {
  return simEcmaFlash([{ label: 'vfs', nor, addr: 0x40000, size: 0x40000 }], true);
}

const chip = () => new NorFlash({ size: 0x80000, eraseSize: 4096, progSize: 4 });

/** `device.io.SPI` and `device.io.Digital`, with a card in the slot. */
function ports(slot: SimSdSlot) {
  const opened: { [name: string]: unknown }[] = [];
  let open = 0;
  class SPI {
    constructor(options: { [name: string]: unknown }) {
      // A port that is open is not opened again.
      if (open++) throw new Error('in use');
      opened.push(options);
      slot.spi.setup({ baud: options.hz });
    }
    transfer(buffer: Uint8Array): void {
      buffer.set(slot.spi.send(new Uint8Array(buffer)));
    }
    close(): void {
      open--;
    }
  }
  class Digital {
    static Output = 8;
    constructor(readonly options: { pin: unknown; mode: unknown }) {
      assert.is(options.mode, Digital.Output);
    }
    write(level: number): void {
      slot.cs.write(level);
    }
  }
  return { SPI, Digital, opened };
}

test("a partition of Moddable's flash carries a volume over restarts", () => {
  const nor = chip();
  for (let start = 1; start < 4; start++) {
    useZephyr(ecma419(flashOf(nor), ['vfs']));
    const [id, erase] = FlashArea.areas.vfs;
    vfs.mount(new FlashArea(id, erase), '/', { mkfs: true });
    const file = vfs.open('/starts.txt', 'a');
    file.write('start\n');
    file.close();
    assert.is(vfs.readFile('/starts.txt', 'utf8'), 'start\n'.repeat(start));
    vfs.umount('/');
  }
  const before = new Uint8Array(0x40000);
  nor.read(0, before);
  assert.ok(before.every((byte) => byte === 255));
});

test('a card on SPI of ECMA-419: our pin selects it, and the clock is raised when it has started', () => {
  const slot = new SimSdSlot(new SimSdCard({ type: 'SDHC', blocks: 65536 }));
  const { SPI, Digital, opened } = ports(slot);
  const card = new SDCard(ecma419Spi(SPI, { clock: 18, in: 19, out: 23, select: 5, active: 0 }), ecma419Pin(Digital, 5), {
    baudrate: 10000000,
  });
  assert.equal(opened, [
    { clock: 18, in: 19, out: 23, hz: 250000 },
    { clock: 18, in: 19, out: 23, hz: 10000000 },
  ]);
  VfsFat.mkfs(card);
  vfs.mount(new VfsFat(card), '/sd');
  const content = 'on the card '.repeat(1000);
  vfs.writeFile('/sd/a.txt', content);
  vfs.umount('/sd');
  vfs.mount(new VfsFat(card), '/sd');
  assert.is(vfs.readFile('/sd/a.txt', 'utf8'), content);
});

test('a port of ECMA-419 that cannot be opened with other settings is opened anew by the next ones', () => {
  const log: string[] = [];
  class SPI {
    open = true;
    constructor({ hz }: { hz?: number }) {
      if (hz === 1) throw new Error('no such clock');
      log.push('open');
    }
    transfer() {}
    close() {
      log.push('close');
      if (!this.open) throw new Error('closed already');
      this.open = false;
    }
  }
  const spi = ecma419Spi(SPI, {});
  spi.setup({ baud: 1000000 });
  assert.throws(() => spi.setup({ baud: 1 }), /no such clock/);
  spi.setup({ baud: 2000000 });
  assert.equal(log, ['open', 'close', 'open']);
});

test("the template's module is one that an engine imports, in strict mode, and main.js runs with it", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'microvfs-moddable-'));
  try {
    const file = join(folder, 'vfs.mjs');
    const made = spawnSync(packagePath('examples/moddable/make-module.sh'), [distPath('zephyr/vfs-moddable.min.js'), file], {
      encoding: 'utf8',
    });
    assert.is(made.stderr, '');
    const module = (await import(pathToFileURL(file).href)).default as typeof zephyr & typeof vfs;
    const nor = chip();
    const said: string[] = [];
    const main = readFileSync(packagePath('examples/moddable/main.js'), 'utf8').replace(/^import .*$/gm, '');
    for (let start = 1; start < 3; start++) {
      new Function('flash', 'vfs', 'trace', main)(flashOf(nor), module, (text: string) => said.push(text));
      assert.is(said[said.length - 1].trim().split('\n').length, start);
      module.umount('/');
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const xst = process.env.XST;
if (!xst) console.log("SKIP: Moddable's XS: set XST to its program xst");
else
  for (const [kind, volume] of [
    ['', 'VfsLfs2'],
    ['-fat', 'VfsFat'],
  ])
    test(`the behaviour suite passes on the bundle vfs${kind} in XS`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'microvfs-xst-'));
      try {
        const suite = readFileSync(distPath('test/suite.js'), 'utf8');
        const script = `${requireSource('require', 'esp32', 'undefined', kind)}\nvar suiteResult,suiteKind='${volume}';\n${suite}`;
        writeFileSync(join(folder, 'script.js'), script);
        const output = await outputOf(xst, ['-s', 'script.js'], { cwd: folder, timeout: 120000 });
        assert.match(output, /suite: \d{2,} passed, 0 failed/);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });

test.run();
