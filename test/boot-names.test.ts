/** The names under which scripts of MicroPython look for what a board has. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { requireModule } from '../boards/boot/boot';
import { loader } from '../boards/boot/shared';
import { SDCard } from '../boards/devices/sdcard';
import { boot as bootEsp32, Partition } from '../boards/esp32';
import { bdev as openBdev } from '../boards/esp8266';
import { Flash } from '../boards/stm32';
import { DiskAccess, FlashArea } from '../boards/zephyr';
import { VfsFat } from '../modules/fat';
import { VfsLfs2 } from '../modules/littlefs2';
import * as vfs from '../modules/vfs';
import { boards, disks } from './boards-chip';

const OS = 'chdir getcwd ilistdir listdir mkdir mount remove rename rmdir stat statvfs sync umount unlink'.split(' ');
const globals = globalThis as { bdev?: unknown };

/** Boots a board from a fresh chip, and gives what `action` gives then. */
function booted<T>(name: string, action: () => T): T {
  const rig = boards.find((one) => one.name === name) as (typeof boards)[number];
  const log = console.log;
  console.log = () => {};
  try {
    globals.bdev = undefined;
    disks.length = 0;
    rig.insert(rig.fresh());
    assert.ok(rig.boot().ok);
    return action();
  } finally {
    console.log = log;
    for (const [fs] of vfs.mount()) vfs.umount(fs, { force: true });
  }
}

const classes: { [board: string]: [module: string, content: { [name: string]: unknown }] } = {
  esp32: ['esp32', { Partition }],
  stm32: ['pyb', { Flash, SDCard }],
  zephyr: ['zephyr', { DiskAccess, FlashArea }],
  rp2: ['rp2', {}],
  nrf52: ['nrf', {}],
  esp8266: ['', {}],
};

for (const name of Object.keys(classes)) {
  const [module, content] = classes[name];
  test(`${name}: require('os') and ${module ? `require('${module}')` : 'no module of its own'}; those of other boards are not there`, () => {
    booted(name, () => {
      const os = requireModule('os') as Record<string, unknown>;
      for (const one of OS) assert.is(os[one], (vfs as Record<string, unknown>)[one], one);
      assert.is(os.VfsLfs2, VfsLfs2);
      if (name !== 'esp32') assert.is(os.VfsFat, VfsFat);
      assert.is(os.boot, undefined);
      assert.is(requireModule('os'), os);
      if (module) {
        const own = requireModule(module) as Record<string, unknown>;
        for (const one in content) assert.is(own[one], content[one], one);
        assert.ok(own.Flash || own.Partition || own.FlashArea);
        assert.is(own.mount, undefined);
      }
      for (const [other] of Object.values(classes)) if (other !== module && other) assert.throws(() => requireModule(other), other);
      assert.throws(() => requireModule('toString'), 'toString');
    });
  });
}

test('a module of the firmware, and a file on the way, come before', () => {
  booted('esp32', () => {
    vfs.makedirs('/lib');
    vfs.writeFile('/lib/os.js', 'exports.mine = 1;');
    assert.equal(requireModule('os'), { mine: 1 });
    loader._outer = (name) => {
      if (name === 'esp32') return 'of the firmware';
      throw new Error('none');
    };
    assert.is(requireModule('esp32'), 'of the firmware');
    loader._outer = undefined;
    assert.is((requireModule('esp32') as { Partition: unknown }).Partition, Partition);
  });
});

test('bdev is the device of the own volume on ESP32 and ESP8266, also where it cannot be mounted', () => {
  booted('esp32', () => {
    assert.instance(globals.bdev, Partition);
    assert.is((globals.bdev as Partition).info()[4], 'vfs');
    vfs.umount('/');
    VfsLfs2.mkfs(globals.bdev as Partition);
    vfs.mount(globals.bdev as Partition, '/');
  });
  booted('esp8266', () => {
    assert.is((globals.bdev as Partition).ioctl(4, 0), openBdev().ioctl(4, 0));
    assert.is((globals.bdev as Partition).ioctl(5, 0), 4096);
  });
  for (const name of ['stm32', 'rp2', 'nrf52', 'zephyr']) booted(name, () => assert.is(globals.bdev, undefined));
  const rig = boards[0];
  const nor = rig.fresh();
  nor.poke(rig.inside / 4096, new Uint8Array(4096).fill(7));
  rig.insert(nor);
  globals.bdev = undefined;
  const log = console.log;
  console.log = () => {};
  const report = bootEsp32();
  console.log = log;
  assert.not(report.ok);
  assert.instance(globals.bdev, Partition);
});

test('FlashArea.STORAGE is the id of the area, and so is each label in capitals', () => {
  booted('zephyr', () => {
    assert.is(FlashArea.STORAGE, FlashArea.areas.storage[0]);
    assert.ok(new FlashArea(FlashArea.STORAGE, 4096).ioctl(4, 0) > 0);
  });
});

test.run();
