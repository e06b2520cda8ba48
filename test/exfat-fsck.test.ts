/** What a check finds of each kind of damage, and that a repair puts it right: judged by fsck.exfat. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VfsError } from '../modules/contract/errno';
import { type ExFatFinding, type ExFatFindingCode, fsckExFat } from '../modules/exfat/check';
import { format, fsckExfat, hasTool, ImageDevice, mount, pattern, readFile, tree, writeFile } from './support/exfat';
import { layout, stampSet } from './support/exfat-damage';

const CLUSTER = 512;

function made(): ImageDevice {
  const device = format(2 << 20, { clusterSize: CLUSTER, label: 'check' });
  const fs = mount(device);
  writeFile(fs, '/a.txt', pattern(3000, 1));
  // Two that are scattered.
  for (let i = 0; i < 4; i++) for (const name of ['/b.txt', '/c.txt']) writeFile(fs, name, pattern(600, i), 'a');
  fs.mkdir('/dir');
  writeFile(fs, '/dir/inner', pattern(100, 2));
  fs.umount();
  return device;
}

const view = (device: ImageDevice): Buffer => Buffer.from(device.image.buffer);

/** Byte offset of the entry set of a name in the root, by its first letter. */
function setOf(device: ImageDevice, letter: string): number {
  const { root } = layout(device.image);
  for (let at = root; at < root + 4096; at += 32)
    if (device.image[at] === 0x85 && device.image[at + 66] === letter.charCodeAt(0)) return at;
  throw new Error(`no ${letter}`);
}

const firstOf = (device: ImageDevice, letter: string): number => view(device).readUInt32LE(setOf(device, letter) + 52);
const fatAt = (device: ImageDevice, cluster: number): number => layout(device.image).fat + cluster * 4;
const clusterAt = (device: ImageDevice, cluster: number): number => layout(device.image).heap + (cluster - 2) * CLUSTER;

/** Puts bytes somewhere. */
function put(device: ImageDevice, at: number, ...bytes: number[]): void {
  device.image.set(bytes, at);
}

function put32(device: ImageDevice, at: number, value: number): void {
  view(device).writeUInt32LE(value, at);
}

/** Puts bytes into a set, with its checksum; at `[offset, ...bytes]` each. */
function edit(device: ImageDevice, letter: string, ...places: number[][]): void {
  const at = setOf(device, letter);
  for (const [offset, ...bytes] of places) put(device, at + offset, ...bytes);
  stampSet(device.image, at);
}

const le32 = (value: number): number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];

const cases: [what: string, damage: (device: ImageDevice) => void, codes: ExFatFindingCode[], path: string][] = [
  ['the mark of a volume in use', (device) => put(device, 106, 2), ['dirty'], ''],
  ['a boot sector that is lost', (device) => device.image.fill(0, 0, 512), ['boot'], ''],
  ['a boot sector with another number of clusters', (device) => put(device, 92, 1), ['boot'], ''],
  ['a copy of the boot sector that is lost', (device) => device.image.fill(0, 6144, 6656), ['backup'], ''],
  ['a wrong checksum of a set', (device) => put(device, setOf(device, 'a') + 2, 0, 0), ['checksum'], '/a.txt'],
  ['a wrong hash', (device) => edit(device, 'a', [36, 0, 0]), ['name'], '/a.txt'],
  ['a name with a colon', (device) => edit(device, 'a', [68, 58]), ['name'], '/a:txt'],
  ['something behind the name', (device) => edit(device, 'a', [90, 65]), ['name'], '/a.txt'],
  [
    'two of one name',
    (device) => edit(device, 'b', [66, 99], [36, ...device.image.subarray(setOf(device, 'c') + 36, setOf(device, 'c') + 38)]),
    ['duplicate'],
    '/c.txt',
  ],
  ['a size that is more than the volume', (device) => edit(device, 'a', [60, 9]), ['shared'], '/a.txt'],
  ['a chain that leads nowhere', (device) => put32(device, fatAt(device, firstOf(device, 'b')), 77777), ['chain', 'lost'], '/b.txt'],
  [
    'a chain that goes in a circle',
    (device) => put32(device, fatAt(device, firstOf(device, 'b')), firstOf(device, 'b')),
    ['loop', 'lost'],
    '/b.txt',
  ],
  [
    'a chain that is longer than its file',
    (device) => edit(device, 'b', [40, ...le32(700)], [56, ...le32(700)]),
    ['size', 'lost'],
    '/b.txt',
  ],
  ['more that is valid than there is', (device) => edit(device, 'a', [40, ...le32(9000)]), ['size'], '/a.txt'],
  [
    'an empty file without a chain',
    (device) => edit(device, 'a', [33, 3], [40, ...le32(0)], [52, ...le32(0), ...le32(0)]),
    ['size', 'lost'],
    '/a.txt',
  ],
  ['two names of one file', (device) => edit(device, 'b', [52, ...le32(firstOf(device, 'c'))], [20, 199]), ['shared', 'lost'], '/c.txt'],
  ['a directory without a cluster', (device) => edit(device, 'd', [52, ...le32(99999)]), ['chain', 'lost'], '/dir'],
  ['a File entry without the rest', (device) => put(device, setOf(device, 'a') + 32, 0x40), ['entry', 'lost'], '/'],
  ['entries without a File entry', (device) => put(device, setOf(device, 'a'), 5), ['entry', 'lost'], '/'],
  ['old entries behind the end', (device) => put(device, clusterAt(device, firstOf(device, 'd')) + 400 - (400 % 32), 5), ['end'], '/dir'],
  ['clusters that belong to nothing', (device) => put(device, layout(device.image).heap + 100, 255), ['lost'], ''],
  ['clusters of files that are free', (device) => put(device, layout(device.image).heap + 2, 0), ['bitmap'], ''],
  ['a bitmap that lies over the root directory', (device) => put(device, layout(device.image).root + 52, device.image[96]), ['bitmap'], ''],
  ['an up-case table that is damaged', (device) => put(device, clusterAt(device, 4) + 300, 1, 2, 3), ['upcase'], ''],
  ['no up-case table', (device) => put(device, layout(device.image).root + 64, 2), ['lost', 'upcase'], ''],
];

for (const [what, damage, codes, path] of cases)
  test(what, () => {
    const device = made();
    const before = tree(mount(device, true));
    damage(device);
    const image = device.image.slice();
    const told: ExFatFinding[] = [];
    const found = fsckExFat(device, { onFinding: (finding) => void told.push(finding) });
    assert.equal(told, found);
    assert.ok(found.every((one) => !one.repaired));
    assert.ok(Buffer.from(image).equals(device.image), 'a check writes nothing');
    const codesFound = found.map((one) => one.code);
    for (const code of codes) if (codesFound[0] !== 'boot') assert.ok(codesFound.includes(code), `${code}: ${JSON.stringify(found)}`);
    if (codes.length)
      assert.ok(
        found.some((one) => one.path === path && codes.includes(one.code)),
        JSON.stringify(found),
      );
    const repaired = fsckExFat(device, { repair: true });
    assert.ok(repaired.every((one) => one.repaired));
    assert.equal(fsckExFat(device), []);
    if (hasTool('fsck.exfat')) assert.equal(fsckExfat(device.image), { exit: 0, lines: [] });
    // What was not damaged is there.
    const after = tree(mount(device, true));
    if (path !== '/dir') assert.is(after['/dir/inner'], before['/dir/inner']);
    if (path !== '/c.txt') assert.is(after['/c.txt'], before['/c.txt']);
  });

test('of damage in one file the others keep what they have', () => {
  const device = made();
  view(device).writeUInt32LE(77777, fatAt(device, firstOf(device, 'b')));
  assert.is(fsckExFat(device, { repair: true }).length > 0, true);
  const fs = mount(device);
  assert.equal(readFile(fs, '/a.txt'), pattern(3000, 1));
  assert.ok(readFile(fs, '/b.txt').length > 0);
});

test('options are checked, and what is not exFAT is ENODEV', () => {
  const code = (work: () => unknown): string => {
    try {
      work();
      return '';
    } catch (error) {
      return (error as VfsError).code ?? (error as Error).name;
    }
  };
  assert.is(
    code(() => fsckExFat(new ImageDevice(new Uint8Array(65536)))),
    'ENODEV',
  );
  assert.is(
    code(() => fsckExFat(made(), { repair: 1 as never })),
    'TypeError',
  );
  assert.is(
    code(() => fsckExFat(made(), { onFinding: 'x' as never })),
    'TypeError',
  );
});

test.run();
