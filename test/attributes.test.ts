/** Attributes of FAT and exFAT: read, changed, and listed on request; what they forbid; what others see of them. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Attributes,
  type DirEntry,
  ilistdir,
  mkdir,
  mount,
  open,
  RAMBlockDev,
  remove,
  rename,
  umount,
  type VfsExFat,
  type VfsFat,
  VfsLfs2,
  writeFile,
} from '../modules';
import * as exfat from './support/exfat';
import * as fat from './support/fat';
import { throwsCode } from './support/lfs2';

const PLAIN: Attributes = { readonly: false, hidden: false, system: false, archive: true };
const listed = (path: string, options?: { attributes?: boolean }): DirEntry[] => {
  const listing = ilistdir(path, options);
  const entries: DirEntry[] = [];
  for (let step = listing.next(); !step.done; step = listing.next()) entries.push(step.value as DirEntry);
  return entries;
};

const families: [string, () => { device: fat.ImageDevice; fs: VfsFat | VfsExFat; again: () => VfsFat | VfsExFat }][] = [
  ...([12, 16, 32] as const).map((type): (typeof families)[number] => [
    'FAT' + type,
    () => {
      const device = fat.formatAs(type);
      return { device, fs: fat.mount(device), again: () => fat.mount(device) };
    },
  ]),
  [
    'exFAT',
    () => {
      const device = exfat.format(1 << 22);
      return { device, fs: exfat.mount(device), again: () => exfat.mount(device) };
    },
  ],
];

for (const [name, make] of families) {
  test(`${name}: attributes are read and changed, only those that are named`, () => {
    const { fs, again } = make();
    mount(fs, '/sd');
    mkdir('/sd/dir');
    writeFile('/sd/dir/a long name.txt', 'x');
    const path = '/dir/a long name.txt';
    assert.equal(fs.attributes(path), PLAIN);
    assert.equal(fs.attributes('/dir'), { ...PLAIN, archive: false });
    assert.equal(fs.attributes('/'), { ...PLAIN, archive: false });
    fs.setAttributes(path, { hidden: true });
    fs.setAttributes(path, { readonly: true, archive: undefined });
    fs.setAttributes('/dir', { system: true });
    umount('/sd');
    const next = again();
    mount(next, '/sd');
    assert.equal(next.attributes(path), { ...PLAIN, readonly: true, hidden: true });
    assert.equal(next.attributes('/dir'), { readonly: false, hidden: false, system: true, archive: false });
    next.setAttributes(path, { archive: false, hidden: false, readonly: false });
    next.setAttributes(path, {});
    assert.equal(next.attributes(path), { ...PLAIN, archive: false });
    const file = open('/sd' + path, 'a');
    file.write('y');
    file.close();
    assert.equal(next.attributes(path), PLAIN);
    assert.equal(listed('/sd/dir'), [['a long name.txt', 0x8000, 0, 2]]);
    umount('/sd');
  });

  test(`${name}: a file that is read-only is not written, removed or replaced, until the attribute is off`, () => {
    const { fs } = make();
    mount(fs, '/sd');
    writeFile('/sd/img.jpg', 'x');
    writeFile('/sd/other', 'y');
    fs.setAttributes('/img.jpg', { readonly: true });
    for (const work of [
      () => open('/sd/img.jpg', 'a'),
      () => remove('/sd/img.jpg'),
      () => rename('/sd/other', '/sd/img.jpg'),
      () => writeFile('/sd/img.jpg', 'z'),
    ])
      throwsCode(work, 'EACCES');
    open('/sd/img.jpg').close();
    rename('/sd/img.jpg', '/sd/kept.jpg');
    assert.ok(fs.attributes('/kept.jpg').readonly);
    fs.setAttributes('/kept.jpg', { readonly: false });
    remove('/sd/kept.jpg');
    umount('/sd');
  });

  test(`${name}: a listing has the attributes on request`, () => {
    const { fs } = make();
    mount(fs, '/sd');
    writeFile('/sd/f', 'abc');
    mkdir('/sd/d');
    fs.setAttributes('/f', { system: true, hidden: true });
    assert.equal(listed('/sd', { attributes: true }), [
      ['f', 0x8000, 0, 3, { readonly: false, hidden: true, system: true, archive: true }],
      ['d', 0x4000, 0, 0, { readonly: false, hidden: false, system: false, archive: false }],
    ]);
    for (const options of [{}, { attributes: false }, undefined])
      assert.ok(
        listed('/sd', options).every((entry) => entry.length === 4),
        JSON.stringify(options),
      );
    assert.throws(() => ilistdir('/sd', { attributes: 1 } as never), TypeError);
    assert.throws(() => ilistdir('/sd', true as never), TypeError);
    umount('/sd');
  });

  test(`${name}: what cannot be changed is a coded error, and nothing has changed`, () => {
    const { fs, device, again } = make();
    mount(fs, '/sd');
    writeFile('/sd/f', 'abc');
    umount('/sd');
    const image = device.image.slice();
    const next = again();
    mount(next, '/sd', { readonly: true });
    throwsCode(() => next.setAttributes('/f', { hidden: true }), 'EROFS');
    umount('/sd');
    const writable = again();
    mount(writable, '/sd');
    throwsCode(() => writable.setAttributes('/', { hidden: true }), 'EBUSY');
    for (const work of [() => writable.attributes('/g'), () => writable.setAttributes('/g', { hidden: true })]) throwsCode(work, 'ENOENT');
    for (const work of [() => writable.attributes('f'), () => writable.attributes(''), () => writable.setAttributes('f', {})])
      throwsCode(work, 'EINVAL');
    throwsCode(() => writable.setAttributes('/f', { readOnly: true } as never), 'EINVAL');
    for (const given of [undefined, null, 5, { hidden: 1 }])
      assert.throws(() => writable.setAttributes('/f', given as never), TypeError, JSON.stringify(given));
    for (const path of [undefined, 5]) assert.throws(() => writable.attributes(path as never), TypeError);
    assert.equal(writable.attributes('/f'), PLAIN);
    umount('/sd');
    throwsCode(() => writable.attributes('/f'), 'ENODEV');
    assert.equal(device.image, image);
  });
}

test('other file systems list four items, whatever is asked for', () => {
  const ram = new RAMBlockDev(512, 64);
  VfsLfs2.mkfs(ram);
  mount(ram, '/l');
  writeFile('/l/f', 'abc');
  assert.equal(listed('/l', { attributes: true }), [['f', 0x8000, 0, 3]]);
  umount('/l');
});

if (fat.hasTool('mattrib'))
  test('mattrib sees the attributes, and what it sets is seen', () => {
    const device = fat.format(100 * 512);
    const fs = fat.mount(device);
    fat.writeFile(fs, '/f.txt', fat.pattern(10, 1));
    fs.setAttributes('/f.txt', { readonly: true, system: true, archive: false });
    fs.umount();
    assert.match(fat.mtool('mattrib', device.image, '::f.txt').toString(), /^ +S +R +::\/f\.txt/);
    fat.mtool('mattrib', device.image, '-r', '+h', '::f.txt');
    assert.equal(fat.mount(device).attributes('/f.txt'), { readonly: false, hidden: true, system: true, archive: false });
  });

test.run();
