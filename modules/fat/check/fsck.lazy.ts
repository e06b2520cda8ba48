/** Checking and repairing a volume: a part of its own, which a device fetches when it needs it. */
import { checkOptions } from '../../contract/check';
import type { BlockDevice } from '../../contract/filesystem';
import { copy, encodeText, equal, le32, putLe32 } from '../../engine';
import * as bootSector from '../boot.lazy';
import { fatEntry, flush, le16, loadMeta, transfer } from '../sector';
import { begin } from '../tree';
import { VfsFat } from '../vfsfat';
import { fs, type Geometry } from '../volume';
import * as write from '../write.lazy';
import { restoreBoot } from './boot';
import { HASH_BYTES, walkTree } from './directory';
import { findOwners } from './owners';
import { type Check, type FatFinding, type FatFsckOptions, isMarked, report } from './state';

export type { FatFinding, FatFindingCode, FatFsckOptions } from './state';

/** A repair may bring out what it has hidden; what it takes is looked at again this often. */
const PASSES = 4;

/**
 * Checks a volume that is not mounted, and repairs what it finds if asked to. Goes through the FAT and every directory, not
 * through the content of files; holds one bit for each cluster, and the path to where it is. Where FAT32's boot sector is lost
 * and its copy is not, nothing else is looked at until a repair has put it back.
 * @returns what was found, an empty list for a sound volume
 * @throws ENODEV where there is no FAT, ECORRUPT for a boot sector with impossible numbers, EIO, EROFS
 */
export function fsckFat(bdev: BlockDevice, options?: FatFsckOptions): FatFinding[] {
  const o = checkOptions(options);
  const volume = new VfsFat(bdev, o);
  const findings: FatFinding[] = [];
  try {
    volume.mount(!o.repair, false);
  } catch (failure) {
    const finding = restoreBoot(volume._dev, o);
    if (!finding) throw failure;
    findings.push(finding);
    if (!o.repair) return findings;
    volume.mount(false, false);
  }
  // The check itself finds what has two names.
  volume._doubt = 0;
  begin(volume, 'fsck', '', !!o.repair);
  for (let pass = 0; pass < PASSES; pass++) {
    const c: Check = {
      _repair: !!o.repair,
      _onFinding: o.onFinding,
      _findings: [],
      _map: new Uint8Array((fs._last >> 3) + 1),
      _strangers: {},
      _hashes: new Uint8Array(HASH_BYTES),
      _renamed: 0,
      _label: undefined,
    };
    if (o.repair) repair(c);
    else check(c);
    for (let i = 0; i < c._findings.length; i++) findings.push(c._findings[i]);
    if (!c._repair || !c._findings.length) break;
  }
  volume.umount();
  return findings;
}

/** What repairs is at hand meanwhile. */
function repair(c: Check): void {
  write.during(function (): void {
    check(c);
  }, false);
}

function check(c: Check): void {
  const boot = new Uint8Array(fs._sectorSize);
  const g = {} as Geometry;
  fs._chain._first = -1;
  copy(boot, 0, loadMeta(0));
  bootSector.parseBoot(boot, g, Infinity);
  if (fs._wasDirty && (fs._type > 12 || isSigned(boot))) report(c, 'warning', 'dirty', '', 'was not unmounted');
  compareFats(c);
  // The first entry repeats the media byte.
  if ((fatEntry(0) | 15) !== fs._mask && report(c, 'error', 'fat', '', 'entry 0 of the FAT is wrong'))
    write.setEntry(0, (fs._mask & ~0xff) | 0xf0 | boot[21]);
  findOwners(c);
  walkTree(c);
  const free = sweep(c);
  const moved = checkPlaces(c, boot, g);
  checkInfo(c, g._fsInfo, free);
  checkBoot(c, boot, moved);
  if (!c._repair || !c._findings.length) return;
  fs._free = free;
  fs._upTo = fs._last + 1;
  fs._counted = true;
  fs._next = 2;
  fs._fsInfo = g._fsInfo;
  write.setEntry(1, fs._mask);
  fs._wasDirty = fs._type < 16 && !isSigned(boot);
  fs._touched = true;
  write.settle();
}

/** All copies of the FAT are the same; the first one counts. */
function compareFats(c: Check): void {
  const other = new Uint8Array(fs._sectorSize);
  const bytes = Math.ceil(((fs._last + 1) * fs._type) / 8);
  let differ = 0;
  let mend = false;
  for (let i = 0; fs._mirror && fs._fats > 1 && i * fs._sectorSize < bytes; i++) {
    const size = Math.min(fs._sectorSize, bytes - i * fs._sectorSize);
    let same = true;
    for (let copyAt = 1; copyAt < fs._fats && same; copyAt++) {
      flush(fs._meta);
      transfer(fs._fatStart + copyAt * fs._fatSize + i, other, false);
      same = equal(other.subarray(0, size), loadMeta(fs._fatStart + i).subarray(0, size));
    }
    if (same) continue;
    if (!differ++) mend = report(c, 'warning', 'fats', '', 'the copies of the FAT differ');
    if (mend) {
      loadMeta(fs._fatStart + i);
      fs._meta._dirty = true;
      flush(fs._meta);
    }
  }
}

/** Frees what belongs to nothing, and counts what is free. */
function sweep(c: Check): number {
  let free = 0;
  let lost = 0;
  for (let pass = 0; pass < 2; pass++) {
    for (let cluster = 2; cluster <= fs._last; cluster++) {
      const value = fatEntry(cluster);
      if (!pass && !value && !isMarked(c, cluster)) free++;
      if (!value || value === fs._mask - 8 || isMarked(c, cluster)) continue;
      if (pass) write.setEntry(cluster, 0);
      else lost++;
    }
    if (!lost || pass || !report(c, 'warning', 'lost', '', lost + ' clusters belong to no file')) break;
    free += lost;
  }
  return free;
}

/** Whether a boot sector has the extended fields: number, label, and the byte with the mark. */
function isSigned(boot: Uint8Array): boolean {
  return (boot[fs._type > 16 ? 66 : 38] & 0xfe) === 0x28;
}

/** On FAT32 the copy of the boot sector and FSInfo lie in sectors of their own among the reserved ones. Gives whether that was mended. */
function checkPlaces(c: Check, boot: Uint8Array, g: Geometry): boolean {
  const copyAt = le16(boot, 50);
  const both = copyAt === g._fsInfo;
  if (fs._type < 32 || fs._firstFat < 4 || (copyAt && copyAt < fs._firstFat && !both)) return false;
  if (
    !report(
      c,
      'warning',
      'backup',
      '',
      copyAt ? 'the copy of the boot sector has no place of its own' : 'there is no copy of the boot sector',
    )
  )
    return false;
  if (both && copyAt) g._fsInfo = 1;
  boot[48] = g._fsInfo;
  boot[49] = 0;
  boot[50] = fs._firstFat > 6 && g._fsInfo !== 6 ? 6 : g._fsInfo === 2 ? 3 : 2;
  boot[51] = 0;
  return true;
}

/** FSInfo has its signatures, and the right number or none. */
function checkInfo(c: Check, sector: number, free: number): void {
  if (!sector) return;
  const b = loadMeta(sector);
  const told = le32(b, 488);
  if (le32(b, 0) !== 0x41615252 || le32(b, 484) !== 0x61417272 || le32(b, 508) !== (0xaa550000 | 0)) {
    if (report(c, 'warning', 'fsinfo', '', 'FSInfo has wrong signatures')) {
      const again = loadMeta(sector);
      putLe32(again, 0, 0x41615252);
      putLe32(again, 484, 0x61417272);
      putLe32(again, 508, 0xaa550000);
      fs._meta._dirty = true;
    }
  } else if (told !== -1 && told !== free)
    report(c, 'warning', 'fsinfo', '', 'FSInfo tells of ' + (told >>> 0) + ' free clusters, there are ' + free);
}

/** The label in the boot sector is that of the root directory, its dirty bit is clear, and FAT32's copy of it the same. */
function checkBoot(c: Check, boot: Uint8Array, moved: boolean): void {
  const wide = fs._type > 16;
  const tail = wide ? 64 : 36;
  const label = c._label || encodeText('NO NAME    ');
  let changed = moved;
  const copyAt = wide ? le16(boot, 50) : 0;
  const other = new Uint8Array(fs._sectorSize);
  if (boot[tail + 1] & 1 && c._repair) {
    boot[tail + 1] &= ~1;
    changed = true;
  }
  // Where its code begins behind the extended fields there is room for them.
  const code = boot[0] === 0xeb ? boot[1] + 2 : le16(boot, 1) + 3;
  if (boot[tail + 2] !== 0x29 && code >= tail + 26 && report(c, 'warning', 'label', '', 'the boot sector has no label')) {
    if (!isSigned(boot)) putLe32(boot, tail + 3, 0);
    boot[tail + 1] = 0;
    boot[tail + 2] = 0x29;
    copy(boot, tail + 7, label);
    copy(boot, tail + 18, encodeText('FAT' + fs._type + '   '));
    changed = true;
  } else if (boot[tail + 2] === 0x29 && !equal(boot.subarray(tail + 7, tail + 18), label)) {
    if (report(c, 'warning', 'label', '', 'the boot sector has another label than the root directory')) {
      copy(boot, tail + 7, label);
      changed = true;
    }
  }
  if (copyAt && copyAt < fs._firstFat) {
    transfer(copyAt, other, false);
    if (
      !equal(other.subarray(0, 512), boot.subarray(0, 512)) &&
      (changed || report(c, 'warning', 'backup', '', 'the copy of the boot sector differs'))
    ) {
      copy(other, 0, boot.subarray(0, 512));
      if (c._repair) transfer(copyAt, other, true);
    }
  }
  if (changed) transfer(0, boot, true);
}
