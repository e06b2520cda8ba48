/** Checking and repairing a volume: a part of its own, which a device fetches when it needs it. */
import { openDevice, syncDevice } from '../../blockdev';
import { checkOptions } from '../../contract/check';
import { vfsError } from '../../contract/errno';
import type { BlockDevice } from '../../contract/filesystem';
import { begin } from '../begin';
import { makeChain } from '../chain';
import { settle } from '../clean';
import { VfsExFat } from '../vfsexfat';
import { fs } from '../volume';
import { checkBoot } from './boot';
import { findOwners } from './owners';
import { add, type Check, type ExFatFinding, type ExFatFsckOptions, type Reporter } from './state';
import { claimSystem, moveBitmap, restoreTable, sweep } from './system';
import { walkTree } from './walk';

/** A repair may bring out what it has hidden; what it takes is looked at again this often. */
const PASSES = 4;

/**
 * Checks a volume that is not mounted, and repairs what it finds if asked to. Goes through the bitmap and every directory, not
 * through the content of files; holds three bits for each cluster, and the path to where it is. Where the boot sector is lost
 * and its copy is not, nothing else is looked at until a repair has put it back.
 * @returns what was found, an empty list for a sound volume
 * @throws ENODEV where there is no exFAT, ECORRUPT for a boot sector with impossible numbers or no allocation bitmap, EIO, EROFS;
 *   ENOSPC where a repair needs room
 */
export function fsckExFat(bdev: BlockDevice, options?: ExFatFsckOptions): ExFatFinding[] {
  const o = checkOptions(options);
  const volume = new VfsExFat(bdev, o);
  const reporter: Reporter = { _repair: !!o.repair, _onFinding: o.onFinding, _findings: [] };
  const findings = reporter._findings;
  const dev = openDevice(bdev, 'fsck', true);
  const usable = checkBoot(dev, o, reporter);
  if (findings.length && o.repair) {
    const status = syncDevice(dev);
    if (status) throw vfsError(status, 'fsck');
  }
  if (!usable) return findings;
  volume.mount(!o.repair, false);
  // The check itself finds what has two names.
  volume._doubt = 0;
  begin(volume, 'fsck', '', !!o.repair);
  for (let pass = 0; pass < PASSES; pass++) {
    const c: Check = {
      _repair: !!o.repair,
      _onFinding: o.onFinding,
      _findings: [],
      _map: new Uint8Array(Math.ceil((fs._last - 1) / 8)),
      _strangers: {},
      _firsts: new Uint8Array(Math.ceil((fs._last - 1) / 8)),
      _hashes: new Uint8Array(8192),
      _renamed: 0,
      _top: makeChain(fs._root, false, 0),
      _mapSlot: -1,
      _mapSound: false,
      _tableSlot: -1,
      _tableSound: false,
    };
    check(c);
    for (let i = 0; i < c._findings.length; i++) findings.push(c._findings[i]);
    if (!c._repair || !c._findings.length) break;
  }
  volume.umount();
  return findings;
}

function check(c: Check): void {
  fs._top = makeChain(fs._root, false, Infinity);
  if (fs._wasDirty) add(c, { level: 'warning', code: 'dirty', path: '', blocks: [], message: 'was not unmounted', repaired: c._repair });
  claimSystem(c);
  fs._top = makeChain(fs._root, false, c._top._count);
  c._top = fs._top;
  findOwners(c);
  walkTree(c);
  // Without a bitmap nothing is told of what is free.
  if (c._mapSound || moveBitmap(c)) {
    sweep(c);
    restoreTable(c);
  }
  if (!c._repair || !c._findings.length) return;
  fs._free = -1;
  fs._wasDirty = false;
  fs._touched = true;
  settle();
}
