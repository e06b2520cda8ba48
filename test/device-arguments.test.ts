/** Wrong blocks, offsets, buffers and options of every device: refused, and neither the chip nor the card is touched. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { requireModule } from '../boards/boot/boot';
import { native } from '../boards/devices/native';
import { SDCard } from '../boards/devices/sdcard';
import { SpiFlash } from '../boards/devices/spiflash';
import { boot, Partition } from '../boards/esp32';
import { bdev } from '../boards/esp8266';
import { Flash as Nrf52Flash } from '../boards/nrf52';
import { Flash as Rp2Flash } from '../boards/rp2';
import { NorBlockDev, NorFlash, norImage, SimSpiNor, simEcmaFlash, simZephyr } from '../boards/sim';
import { chips, insertChip } from '../boards/sim/chips';
import { SimSdCard } from '../boards/sim/sdcard';
import { Flash as Stm32Flash } from '../boards/stm32';
import { DiskAccess, ecma419, FlashArea, useZephyr } from '../boards/zephyr';
import { RAMBlockDev } from '../modules/blockdev';
import type { BlockDevice } from '../modules/contract/filesystem';
import { chipWith, rows, tableImage } from './esp32-chip';
import { rig, SDSC } from './support/sdcard';
import { deviceRefusesAll, refusesAll, type Wrong } from './support/wrong';

const PLAIN = ['an object', 'an array', 'what has a value'];

interface Subject {
  bdev: BlockDevice;
  /** All that may not change. */
  image(): Uint8Array;
  /** The chip, which counts. */
  nor?: NorFlash;
  /** It takes offsets, and erases. */
  extended: boolean;
}

function over(bdev: BlockDevice, nor: NorFlash, extended = true): Subject {
  return { bdev, extended, nor, image: () => norImage(nor) };
}

/** Content everywhere, so that an erase or a program shows. */
function filled(nor: NorFlash, from = 0): NorFlash {
  const page = new Uint8Array(nor.geometry.eraseSize).fill(0x5a);
  for (let block = from; block < nor.geometry.size / page.length; block++) nor.poke(block, page);
  return nor;
}

const disk = new SimSdCard(SDSC);
const subjects: { [name: string]: () => Subject } = {
  RAMBlockDev: () => {
    const ram = new RAMBlockDev(512, 8);
    ram.writeblocks(0, new Uint8Array(4096).fill(0x5a));
    const image = (): Uint8Array => {
      const bytes = new Uint8Array(4096);
      ram.readblocks(0, bytes);
      return bytes;
    };
    return { bdev: ram, extended: true, image };
  },
  NorBlockDev: () => {
    const nor = filled(new NorFlash({ size: 32768, eraseSize: 4096, progSize: 4 }));
    return over(new NorBlockDev(nor), nor);
  },
  'esp32.Partition': () => {
    const nor = filled(chipWith(tableImage(rows)), 16);
    return over(new Partition('vfs'), nor);
  },
  'esp8266.bdev': () => {
    const { nor } = insertChip(native, chips.esp8266);
    return over(bdev(), filled(nor));
  },
  'rp2.Flash': () => {
    const { nor } = insertChip(native, chips.rp2040vfs);
    return over(new Rp2Flash(), filled(nor));
  },
  'nrf52.Flash': () => {
    const { nor } = insertChip(native, chips.nrf52832);
    return over(new Nrf52Flash(), filled(nor));
  },
  'stm32.Flash in blocks': () => {
    const { nor } = insertChip(native, chips.stm32f411);
    return over(new Stm32Flash({}), nor, false);
  },
  'stm32.Flash in sectors': () => {
    const { nor } = insertChip(native, chips.stm32f411);
    const flash = new Stm32Flash({});
    flash.ioctl(1, 1);
    return over(flash, filled(nor));
  },
  'zephyr.FlashArea': () => {
    const nor = filled(new NorFlash({ size: 65536, eraseSize: 4096, progSize: 4 }));
    useZephyr(simZephyr([{ label: 'storage', nor, addr: 0x4000, size: 0x8000 }], []));
    return over(new FlashArea(0, 4096), nor);
  },
  'zephyr.DiskAccess': () => {
    useZephyr(simZephyr([], [{ name: 'SD', card: disk }]));
    const card = new DiskAccess('SD');
    const image = (): Uint8Array => {
      const bytes = new Uint8Array(4096);
      card.readblocks(0, bytes);
      return bytes;
    };
    return { bdev: card, extended: false, image };
  },
  SpiFlash: () => {
    const nor = filled(new NorFlash({ size: 65536, eraseSize: 4096, progSize: 1 }));
    const chip = new SimSpiNor(nor);
    return over(new SpiFlash(chip.spi, chip.cs), nor);
  },
  SDCard: () => {
    const { sd } = rig(SDSC);
    const image = (): Uint8Array => {
      const bytes = new Uint8Array(4096);
      sd.readblocks(0, bytes);
      return bytes;
    };
    return { bdev: sd, extended: false, image };
  },
};

for (const name in subjects)
  test(`${name}: no wrong argument of a call reaches the medium`, () => {
    const { bdev, image, extended, nor } = subjects[name]();
    const device = bdev as Required<BlockDevice>;
    const size = device.ioctl(5, 0) as number;
    const before = image();
    const changes = () => (nor ? nor.counters.programs + nor.counters.erases : 0);
    const first = changes();
    const same = () => assert.ok(Buffer.compare(before, image()) === 0, 'the medium has changed');
    const unchanged = () => (nor ? assert.is(changes(), first) : same());
    const block = () => new Uint8Array(size);
    const list: Wrong[] = [
      { name: 'block', call: (v) => device.readblocks(v, block()) },
      { name: 'block', call: (v) => device.writeblocks(v, block()) },
      { name: 'buf', call: (v) => device.readblocks(0, v) },
      { name: 'buf', call: (v) => device.writeblocks(0, v) },
    ];
    if (extended)
      list.push(
        { name: 'block', call: (v) => device.readblocks(v, new Uint8Array(16), 0) },
        { name: 'block', call: (v) => device.writeblocks(v, new Uint8Array(16), 0) },
        { name: 'offset', call: (v) => device.readblocks(0, new Uint8Array(16), v) },
        { name: 'offset', call: (v) => device.writeblocks(0, new Uint8Array(16), v) },
        { name: 'buf', call: (v) => device.readblocks(0, v, 0) },
        { name: 'buf', call: (v) => device.writeblocks(0, v, 0) },
        { name: 'arg', call: (v) => device.ioctl(6, v) },
      );
    for (const one of list) deviceRefusesAll(name, one, unchanged);
    same();
    if (!extended) return;
    // Just beyond the end, by block, offset and length.
    const count = device.ioctl(4, 0) as number;
    for (const call of [
      () => device.readblocks(count, new Uint8Array(1), 0),
      () => device.writeblocks(count - 1, new Uint8Array(2), size - 1),
      () => device.writeblocks(count - 1, new Uint8Array(size * 2)),
      () => device.ioctl(6, count),
    ])
      assert.ok((call() as number) < 0);
    unchanged();
  });

test('constructors of devices refuse wrong options and arguments by name', () => {
  const { nor } = insertChip(native, chips.nrf52832);
  const none = () => assert.is(nor.counters.erases + nor.counters.programs, 0);
  const options = (call: (v: never) => unknown): Wrong => ({ name: 'options', call, takes: PLAIN });
  for (const open of [
    (o: never) => new Nrf52Flash(o),
    (o: never) => new Stm32Flash(o),
    (o: never) => new Rp2Flash(o),
    (o: never) => bdev(o),
  ]) {
    refusesAll('window', options(open), none);
    refusesAll('window', { name: 'start', call: (v) => open({ start: v } as never) }, none);
    refusesAll('window', { name: 'len', call: (v) => open({ len: v } as never) }, none);
  }
  const chip = chipWith(tableImage(rows));
  const still = () => assert.is(chip.counters.erases + chip.counters.programs, 0);
  refusesAll(
    'Partition',
    options((v) => new Partition('vfs', v)),
    still,
  );
  refusesAll('Partition', { name: 'blockSize', call: (v) => new Partition('vfs', { blockSize: v }) }, still);
  refusesAll('Partition', { name: 'id', call: (v) => new Partition(v), takes: ['string', 'an array'] }, still);
  refusesAll('find', { name: 'type', call: (v) => Partition.find(v) }, still);
  refusesAll(
    'find',
    options((v) => Partition.find(1, v)),
    still,
  );
  refusesAll('find', { name: 'subtype', call: (v) => Partition.find(1, { subtype: v }) }, still);
  refusesAll('find', { name: 'label', call: (v) => Partition.find(1, { label: v }), takes: ['string'] }, still);
  refusesAll('find', { name: 'blockSize', call: (v) => Partition.find(1, { blockSize: v }) }, still);

  const { slot } = rig(SDSC);
  refusesAll('SDCard', { name: 'spi', call: (v) => new SDCard(v, slot.cs) }, () => {});
  refusesAll('SDCard', { name: 'cs', call: (v) => new SDCard(slot.spi, v) }, () => {});
  refusesAll(
    'SDCard',
    options((v) => new SDCard(slot.spi, slot.cs, v)),
    () => {},
  );
  refusesAll('SDCard', { name: 'baudrate', call: (v) => new SDCard(slot.spi, slot.cs, { baudrate: v }) }, () => {});

  const external = new SimSpiNor(new NorFlash({ size: 65536, eraseSize: 4096, progSize: 1 }));
  refusesAll('SpiFlash', { name: 'spi', call: (v) => new SpiFlash(v, external.cs) }, () => {});
  refusesAll('SpiFlash', { name: 'cs', call: (v) => new SpiFlash(external.spi, v) }, () => {});
  refusesAll(
    'SpiFlash',
    options((v) => new SpiFlash(external.spi, external.cs, v)),
    () => {},
  );
  refusesAll('SpiFlash', { name: 'baudrate', call: (v) => new SpiFlash(external.spi, external.cs, { baudrate: v }) }, () => {});

  const area = new NorFlash({ size: 65536, eraseSize: 4096, progSize: 4 });
  const parts = [{ label: 'storage', nor: area, addr: 0, size: 0x8000 }];
  useZephyr(simZephyr(parts, [{ name: 'SD', card: disk }]));
  refusesAll('FlashArea', { name: 'id', call: (v) => new FlashArea(v, 4096), takes: ['number'] }, () => {});
  for (const id of [-1, 1, 0.5, Number.NaN, 1e300])
    assert.throws(
      () => new FlashArea(id, 4096),
      (e: Error & { code?: string }) => e.code === 'ENODEV',
    );
  refusesAll('FlashArea', { name: 'blockSize', call: (v) => new FlashArea(0, v) }, () => {});
  refusesAll('DiskAccess', { name: 'name', call: (v) => new DiskAccess(v), takes: ['string'] }, () => {});
  assert.throws(
    () => new DiskAccess('a'),
    (e: Error & { code?: string }) => e.code === 'ENODEV',
  );
  refusesAll('useZephyr', { name: 'application', call: (v) => useZephyr(v) }, () => {});
  refusesAll('ecma419', { name: 'flash', call: (v) => ecma419(v, []) }, () => {});
  refusesAll('ecma419', { name: 'paths', call: (v) => ecma419(simEcmaFlash(parts, false), v), takes: ['an array'] }, () => {});
  refusesAll('ecma419', { name: 'disks', call: (v) => ecma419(simEcmaFlash(parts, false), [], v) }, () => {});

  refusesAll('RAMBlockDev', { name: 'blockSize', call: (v) => new RAMBlockDev(v, 8) }, () => {});
  refusesAll('RAMBlockDev', { name: 'numBlocks', call: (v) => new RAMBlockDev(512, v) }, () => {});
  refusesAll('NorBlockDev', { name: 'start', call: (v) => new NorBlockDev(area, v) }, () => {});
  refusesAll('NorBlockDev', { name: 'blockCount', call: (v) => new NorBlockDev(area, 0, v) }, () => {});
  refusesAll('require', { name: 'name', call: (v) => requireModule(v), takes: ['string'] }, () => {});
  refusesAll('boot', { ...options((v) => boot(v)) }, still);
});

test.run();
