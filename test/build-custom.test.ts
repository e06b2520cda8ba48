/** Bundles that are made when they are asked for: those of the boards' files with less in them, and what the command line puts together. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as esp32 from '../boards/esp32';
import { boards } from '../boards/sim';
import { simBoard } from '../boards/sim/board';
import * as stm32 from '../boards/stm32';
import * as zephyr from '../boards/zephyr';
import type { BlockDevice, Driver, FileSystem } from '../modules/contract/filesystem';
import { RAMBlockDev, VfsLfs2 } from '../modules/index';
import { romfs as rom } from '../modules/romfs';
import * as host from '../modules/vfs';
import { customPlan } from '../tools/build/custom';
import { features } from '../tools/build/features';
import { planOf, whereIs } from '../tools/build/plan';
import { build, command } from '../tools/build/run';
import { distPath, packagePath } from '../tools/dist';
import { bootSource, deviceSources } from '../tools/engines/engine';
import { quickjsEngine } from '../tools/engines/quickjs';
import { chipWith, rows, tableImage } from './esp32-chip';

type Face = typeof host & { VfsLfs2: new (dev: BlockDevice) => FileSystem & { getattr(path: string, type: number): unknown } } & Record<
    string,
    unknown
  >;

const faceOf = (bundle: string): Face =>
  new Function('exports', 'require', `${readFileSync(distPath(bundle), 'utf8')}\nreturn exports;`)({}, () => ({}));

/** `npm run build -- ...` */
function run(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', packagePath('tools/build/run.ts'), ...args], {
    encoding: 'utf8',
    cwd: packagePath('.'),
  });
  return { status, output: stdout + stderr };
}

/** A device with littlefs 2 and some files, written here. */
function written(): RAMBlockDev {
  const device = new RAMBlockDev(512, 64);
  VfsLfs2.mkfs(device);
  host.mount(new VfsLfs2(device), '/written');
  host.makedirs('/written/etc/deep');
  host.writeFile('/written/etc/config.json', '{"a":1}');
  host.writeFile('/written/large', new Uint8Array(3000).fill(7));
  host.umount('/written');
  return device;
}

await build(['start', 'esp32-ro'], () => {});

test('the bundle with read-only drivers reads a volume, has at most half of the bytes of the default one, and says where writing is', () => {
  const { length } = readFileSync(distPath('esp32/vfs-ro.min.js'));
  assert.ok(2 * length <= readFileSync(distPath('esp32/vfs.min.js')).length, `${length} bytes`);
  const vfs = faceOf('esp32/vfs-ro.min.js');
  const device = written();
  vfs.mount(device, '/', { readonly: true });
  assert.equal(vfs.listdir('/').sort(), ['etc', 'large']);
  assert.is(vfs.readFile('/etc/config.json', 'utf8'), '{"a":1}');
  assert.is(vfs.stat('/large')[6], 3000);
  const file = vfs.open('/large', 'rb');
  file.seek(2900);
  assert.is((file.read() as unknown as Uint8Array).length, 100);
  file.close();
  assert.is(vfs.statvfs('/')[2], 64);
  assert.throws(() => vfs.open('/new', 'w'), /EROFS/);
  vfs.umount('/');
  vfs.mount(device, '/');
  const isSaid = (error: { code: string; errno: number; message: string }) =>
    error.code === 'ENOSYS' && error.errno === 38 && error.message.startsWith('ENOSYS: write is not in this bundle, but in vfs, ');
  assert.throws(() => vfs.open('/new', 'w'), isSaid);
  assert.throws(() => vfs.writeFile('/new', ''), isSaid);
  assert.throws(() => vfs.mkdir('/d'), isSaid);
  assert.throws(() => vfs.remove('/large'), isSaid);
  assert.throws(() => vfs.register('/d', {}), /^ENOSYS: drivers is not in this bundle, but in vfs, /);
  assert.is(vfs.readFile('/etc/config.json', 'utf8'), '{"a":1}');
});

test('npm run build -- --board --fs --without makes one bundle, says where it is and how large, and what is left out says so', async () => {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  assert.is(await command(['--board', 'esp32', '--fs', 'lfs2,rom', '--without', 'check,attrs,gc'], say, say), 0, lines.join('\n'));
  const output = lines.join('\n');
  for (const name of ['vfs-custom', 'vfs-resident-custom', 'vfs-parts-custom']) {
    const file = `dist/esp32/${name}.min.js`;
    assert.ok(existsSync(packagePath(file)));
    assert.match(output, new RegExp(`${file} +${readFileSync(packagePath(file)).length} bytes`));
  }
  const vfs = faceOf('esp32/vfs-custom.min.js');
  assert.equal(
    Object.keys(vfs)
      .filter((name) => /^[A-Z]|_/.test(name))
      .sort(),
    ['Partition', 'SpiFlash', 'StorageVolume', 'VfsLfs2', 'VfsRom', 'rom_ioctl'],
  );
  const volume = new vfs.VfsLfs2(written());
  vfs.mount(volume, '/');
  vfs.writeFile('/own', 'text');
  assert.is(vfs.readFile('/own', 'utf8'), 'text');
  assert.throws(() => volume.getattr('/own', 1), /ENOSYS: attrs is not in this bundle, but in vfs, /);
  // ROMFS is found out too.
  const image = rom.build({ a: 'b' });
  const device = new RAMBlockDev(512, 1);
  const block = new Uint8Array(512);
  block.set(image);
  device.writeblocks(0, block);
  vfs.mount(device, '/rom');
  assert.is(vfs.readFile('/rom/a', 'utf8'), 'b');
  // On the board too, where an engine boots it.
  const chip = chipWith(tableImage([...rows, { label: 'romfs', subtype: 0x8f, addr: 0x330000, size: 0x8000 }]));
  const page = new Uint8Array(4096).fill(0xff);
  page.set(rom.build({ lib: { 'rommed.js': 'exports.answer = 42;' } }));
  chip.poke(0x330, page);
  const printed: string[] = [];
  const board = await quickjsEngine.start(chip, (line) => printed.push(line));
  const script = { source: "print(require('rommed').answer, require('vfs').listdir('/rom').join())", fileName: 'script' };
  const booting = { source: bootSource(simBoard(boards.esp32.sim), {}), fileName: 'boot' };
  for (const { source, fileName } of [...deviceSources('esp32', '-custom'), booting, script]) {
    const outcome = board.evaluate(source, fileName);
    assert.ok(outcome.ok, outcome.text);
  }
  board.close();
  assert.equal(printed, ['esp32: / vfs littlefs2 formatted', 'esp32: /rom romfs romfs mounted', '42 lib']);
});

test('a board, a file system or a feature that there is not is misuse, and the message lists what there is', async () => {
  for (const [args, message] of [
    [['--board', 'toaster'], /there is no board toaster: esp32, esp8266, nrf52, rp2, stm32, zephyr/],
    [['--board', 'esp32', '--fs', 'lfs2,ntfs'], /there is no file system ntfs: lfs2, lfs1, rom, exfat, wlfat, fat, overlay/],
    [['--board', 'esp32', '--without', 'colours'], /there is no feature colours: alone, attrs, check/],
    [['--board', 'esp32', '--fs', 'overlay'], /has nothing that a device can hold/],
    [['--fs', 'lfs2'], /give --board/],
    [['--board', 'esp32', 'rp2'], /makes one bundle/],
    [['--bord', 'esp32'], /unknown option/],
  ] as [string[], RegExp][]) {
    const lines: string[] = [];
    const say = (line: string) => void lines.push(...line.split('\n'));
    assert.is(await command(args, say, say), 2, lines.join('\n'));
    assert.match(lines.join('\n'), message);
    assert.ok(lines.length <= 2, lines.join('\n'));
  }
  const { status, output } = run('--board', 'toaster');
  assert.is(status, 2, output);
  assert.match(output, /^there is no board toaster/);
});

test('a custom bundle has the devices of its board, what its file systems need of it, and its own kind first', async () => {
  const names = async (board: string, fs: string[]) => Object.keys((await customPlan({ board, fs })).names).sort();
  const kinds = async (board: string, fs: string[]) => (await customPlan({ board, fs })).drivers.map((one: Driver) => one.name);
  assert.equal(await names('esp32', ['fat']), ['Partition', 'SDCard', 'SpiFlash', 'StorageVolume', 'VfsFat', 'VfsNative']);
  assert.equal(await names('rp2', ['rom', 'overlay', 'lfs2']), ['Flash', 'SpiFlash', 'StorageVolume', 'VfsLfs2', 'VfsOverlay', 'VfsRom']);
  assert.equal(await names('zephyr', ['lfs2', 'exfat']), [
    ...['DiskAccess', 'FlashArea', 'VfsExFat', 'VfsLfs2', 'ecma419', 'espruinoZephyr', 'useZephyr'],
  ]);
  assert.is((await customPlan({ board: 'zephyr', fs: ['lfs2', 'exfat'] })).names.useZephyr, zephyr.useZephyr);
  assert.equal(await kinds('stm32', ['lfs2', 'fat', 'wlfat']), ['levelled FAT', 'fat', 'littlefs2']);
  assert.equal(await kinds('esp32', ['fat', 'lfs1', 'rom']), ['littlefs1', 'romfs', 'fat']);
  assert.is((await customPlan({ board: 'stm32', fs: ['lfs2'] })).own, stm32.littlefs2);
  assert.equal((await customPlan({ board: 'esp32', fs: ['lfs2', 'rom'] })).roms, ['romfs']);
  assert.is((await customPlan({ board: 'esp32', fs: ['lfs2'] })).roms, undefined);
});

test('the bundle that is named for a part has it', () => {
  const where = (part: string) => whereIs('esp32', boards.esp32, part);
  assert.is(where('modules/littlefs2/attributes'), 'vfs');
  assert.is(where('modules/exfat/mkfs'), 'vfs-sd');
  assert.is(where('modules/littlefs1/tree'), 'vfs-all');
  assert.is(whereIs('nrf52', boards.nrf52, 'modules/littlefs1/tree'), '');
  const wrong = { ...esp32, bundles: { '': { names: {}, without: ['colours'] } } } as unknown as (typeof boards)[string];
  assert.throws(() => planOf('esp32', wrong, ''), /colours, which is no feature/);
  for (const [name, { about }] of Object.entries(features)) assert.ok(about.length > 5, name);
});

test.run();
