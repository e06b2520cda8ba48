/** A volume in Storage beside a Storage that other code writes, erases and compacts all the time. */
import * as assert from 'uvu/assert';
import { native } from '../../boards/devices/native';
import { StorageVolume } from '../../boards/devices/storage/volume';
import { chips, insertChip } from '../../boards/sim';
import type { SimStorage } from '../../boards/sim/storage';
import { littlefs2 } from '../../modules/littlefs2';
import { addDriver, exists, listdir, mount, readFile, remove, umount, writeFile } from '../../modules/vfs';

addDriver(littlefs2);

/** Until Storage has compacted so often; every fiftieth step is a power cycle, after which all of both is compared. */
export function soakStorage(seed: number, compactions: number): void {
  // 96 kB of Storage, two thirds of it the volume, so that it is full again soon.
  const { nor } = insertChip(native, {
    ...chips.rp2040,
    storage: 96 * 1024,
    memory: { flash_code_start: 0x10000000 + 1792 * 1024 },
  });
  const storage = native.storage as SimStorage;
  storage.write('vfs-volume', '\xff', 0, 16 * 4096 - 32);
  mount(new StorageVolume(), '/v', { mkfs: true });
  let state = seed;
  const random = (n: number): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor(state / 65536) % n;
  };
  const others: { [name: string]: string } = {};
  const files: { [name: string]: string } = {};
  const first = 1792 / 4;
  for (let n = 0; storage.compactions < compactions; n++) {
    const name = 'o' + random(5);
    if (random(3)) {
      others[name] = String.fromCharCode(97 + random(26)).repeat(1 + random(4000));
      storage.write(name, others[name]);
    } else {
      storage.erase(name);
      delete others[name];
    }
    if (n % 8 === 0) {
      const path = '/v/f' + random(4);
      if (random(4)) {
        files[path] = `${n} `.repeat(1 + random(300));
        writeFile(path, files[path]);
      } else if (exists(path)) {
        remove(path);
        delete files[path];
      }
    }
    if (n % 50 === 0) {
      // As after a power cycle.
      umount('/v');
      const volume = new StorageVolume();
      assert.is(volume.moved, 0);
      mount(volume, '/v');
      for (const one in others) assert.is(storage.read(one), others[one]);
      assert.equal(storage.list().sort(), ['vfs-volume', ...Object.keys(others)].sort());
      for (const one in files) assert.is(readFile(one, 'utf8'), files[one]);
      assert.equal(listdir('/v').length, Object.keys(files).length);
    }
  }
  // The page with the volume's header has never been erased.
  assert.is(nor.counters.wear[first], undefined);
  umount('/v');
}
