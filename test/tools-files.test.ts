/** The verbs of files on every format, and the images beside what other people's tools say of them. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as tools from '../tools';
import { checkLfs2 } from './independent/lfs2-reader';
import { ALL, has, makeFolder, namesIn, rejects, TIME, textOf } from './support/tools';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-tools-'));
const at = (name: string) => join(folder, name);

const source = makeFolder(at('source'));
const text = textOf;
const names = namesIn;

const SIZES: Record<tools.MadeFormat, number> = { lfs2: 256 * 1024, lfs1: 256 * 1024, fat: 256 * 1024, exfat: 4 << 20, rom: 64 * 1024 };
const writable = ['lfs2', 'lfs1', 'fat', 'exfat'] as const;

for (const fs of [...writable, 'rom'] as const) {
  const image = at(`${fs}.img`);

  test(`${fs}: create --from makes an image of that size with all that is in the folder, and the same bytes each time`, async () => {
    const made = await tools.create(image, { fs, size: SIZES[fs], from: source });
    assert.is(statSync(image).size, SIZES[fs]);
    assert.equal([made.files, made.directories, made.size], [7, 3, SIZES[fs]]);
    assert.equal(await names(image, { recursive: true, all: true }), ALL);
    assert.equal(await names(image), ['A longer näme.txt', 'boot.js', 'empty', 'lib', 'none.txt'], 'hidden ones are not shown');
    const first = readFileSync(image);
    await new Promise((go) => setTimeout(go, 5));
    await tools.create(image, { fs, size: SIZES[fs], from: source, force: true });
    assert.ok(first.equals(readFileSync(image)));
    await rejects(tools.create(image, { fs, size: SIZES[fs] }), /is there already: --force/);
  });

  test(`${fs}: --size auto is the least that has room`, async () => {
    const made = await tools.create(at('auto.img'), { fs, size: 'auto', from: source, force: true });
    assert.ok(made.size < SIZES[fs] && made.size > 30000, String(made.size));
    assert.equal(await names(at('auto.img'), { recursive: true, all: true }), ALL);
    if (fs === 'lfs2') {
      const checked = checkLfs2(new Uint8Array(readFileSync(at('auto.img'))), 4096, made.size / 4096);
      assert.equal(checked.problems, []);
      await rejects(tools.create(at('less.img'), { fs, size: made.size - 4096, from: source }), /no space/);
      assert.not(existsSync(at('less.img')), 'half an image was left');
    }
  });

  test(`${fs}: extract gives back what went in, with its times where the format has some`, async () => {
    const to = at(`out-${fs}`);
    const copied = await tools.extract(image, to);
    assert.equal(copied, { files: 7, directories: 3, bytes: copied.bytes });
    assert.equal((readdirSync(to, { recursive: true }) as string[]).sort(), ALL);
    for (const path of ALL) {
      if (statSync(join(source, path)).isDirectory()) continue;
      assert.ok(readFileSync(join(source, path)).equals(readFileSync(join(to, path))), path);
      if (fs !== 'rom' && fs !== 'lfs1') assert.is(statSync(join(to, path)).mtimeMs / 1000, TIME, path);
    }
  });

  test(`${fs}: df and ls -l tell sizes and times`, async () => {
    const [filled] = await tools.df([image]);
    assert.is(filled.format, fs);
    assert.ok(filled.used > 30000 && filled.used + filled.free === filled.size && filled.size <= SIZES[fs]);
    const [{ entries }] = await tools.ls([image + ':/lib'], { times: true });
    assert.equal(
      entries.map(({ name, size, kind }) => [name, size, kind]),
      [
        ['a.js', 15, 'file'],
        ['b.js', 15, 'file'],
        ['deep', 0, 'directory'],
      ],
    );
    assert.is(entries[0].mtime, fs === 'rom' || fs === 'lfs1' ? undefined : TIME);
  });

  test(`${fs}: cat gives files, globs too, and says what is none`, async () => {
    assert.is(await text(`${image}:/lib/*.js`), 'exports.a = 1;\nexports.b = 2;\n');
    assert.is(await text(`${image}:lib/{b,a}.js`), 'exports.a = 1;\nexports.b = 2;\n');
    assert.equal(
      (await tools.ls([`${image}:/**/*.js`])).map(({ place }) => place.split(':')[1]),
      ['/boot.js', '/lib/a.js', '/lib/b.js'],
    );
    await rejects(text(`${image}:/lib`), /:\/lib: it is a directory/);
    await rejects(text(`${image}:/lib/c*`), /nothing matches/);
    await rejects(text(`${image}:/none`), /:\/none: no such file or directory/);
    await rejects(text(`${at('no.img')}:/none`), /there is no image .*no\.img/);
  });
}

test('rom: what would change it says how an image is made', async () => {
  const before = readFileSync(at('rom.img'));
  for (const work of [
    tools.rm([at('rom.img') + ':/boot.js']),
    tools.mkdir([at('rom.img') + ':/d']),
    tools.cp([join(source, 'boot.js')], at('rom.img') + ':/x.js'),
  ])
    await rejects(work, /read-only; ROMFS is made as a whole: 'microvfs create'/);
  assert.ok(before.equals(readFileSync(at('rom.img'))));
});

for (const fs of writable) {
  const image = at(`${fs}.img`);

  test(`${fs}: cp copies either way, into directories, recursively, and between images`, async () => {
    await tools.cp([join(source, 'boot.js')], `${image}:/renamed.js`);
    await tools.cp([join(source, 'boot.js'), join(source, 'none.txt')], `${image}:/empty`);
    await tools.cp([join(source, 'lib')], `${image}:/empty/`, { recursive: true, preserve: true });
    await tools.cp([join(source, 'lib') + '/'], `${image}:/copied`, { recursive: true });
    assert.equal(await names(`${image}:/empty`, { recursive: true }), [
      'boot.js',
      'lib',
      'lib/a.js',
      'lib/b.js',
      'lib/deep',
      'lib/deep/big.bin',
      'none.txt',
    ]);
    assert.equal(await names(`${image}:/copied`, { recursive: true }), ['a.js', 'b.js', 'deep', 'deep/big.bin']);
    const [{ entries }] = await tools.ls([`${image}:/empty/lib`], { times: true });
    if (fs !== 'lfs1') assert.is(entries[0].mtime, TIME, '-p keeps times');
    await tools.cp([`${image}:/lib/*.js`], at('lfs2.img') + ':/', {});
    assert.is(await text(at('lfs2.img') + ':/b.js'), 'exports.b = 2;\n');
    await tools.cp([`${image}:/lib/deep/big.bin`], at('big.bin'));
    assert.ok(readFileSync(at('big.bin')).equals(readFileSync(join(source, 'lib/deep/big.bin'))));
  });

  test(`${fs}: what cannot be copied changes nothing`, async () => {
    const before = readFileSync(image);
    await rejects(tools.cp([join(source, 'lib')], `${image}:/x`), /is a directory: -r/);
    await rejects(tools.cp([join(source, 'boot.js'), join(source, 'none.txt')], `${image}:/nowhere`), /is not a directory/);
    await rejects(tools.cp([join(source, 'boot.js')], `${image}:/none/x.js`), /no such file or directory/);
    await rejects(tools.cp([`${image}:/lib`], `${image}:/lib/deep`, { recursive: true }), /cannot be copied into itself/);
    await rejects(tools.cp([join(source, 'boot.js')], image), /is an image: .*:\/ is what is in it/);
    const large = at('large.bin');
    writeFileSync(large, new Uint8Array(SIZES[fs] + 1));
    await rejects(tools.cp([join(source, 'boot.js'), large], `${image}:/`), /:\/large\.bin: .*; 'microvfs convert --size'/);
    assert.ok(before.equals(readFileSync(image)));
  });

  test(`${fs}: mv renames, moves between directories, and into and out of images`, async () => {
    await tools.mv([`${image}:/renamed.js`], `${image}:/moved.js`);
    await tools.mv([`${image}:/copied`], `${image}:/empty`);
    assert.equal(await names(`${image}:/empty/copied`), ['a.js', 'b.js', 'deep']);
    await tools.mv([`${image}:/empty/copied`], at(`moved-${fs}`));
    assert.equal(readdirSync(at(`moved-${fs}`)).sort(), ['a.js', 'b.js', 'deep']);
    await tools.mv([at(`moved-${fs}`), `${image}:/moved.js`], `${image}:/lib`);
    assert.not(existsSync(at(`moved-${fs}`)));
    assert.equal(await names(`${image}:/lib`), ['a.js', 'b.js', 'deep', 'moved-' + fs, 'moved.js']);
    await rejects(tools.mv([`${image}:/lib`], `${image}:/lib/deep/x`), /invalid/);
  });

  test(`${fs}: rm, rmdir, mkdir and touch do what they say, and refuse what they should`, async () => {
    await rejects(tools.rm([`${image}:/lib`]), /is a directory: -r/);
    await rejects(tools.rmdir([`${image}:/lib`]), /not empty/);
    await rejects(tools.rm([`${image}:/nothing`]), /no such file/);
    await tools.rm([`${image}:/nothing`, `${image}:/lib/*.js`], { force: true });
    assert.equal(await names(`${image}:/lib`), ['deep', 'moved-' + fs]);
    await tools.rm([`${image}:/lib`], { recursive: true });
    await rejects(tools.mkdir([`${image}:/p/q`]), /no such/);
    await tools.mkdir([`${image}:/p/q/r`, `${image}:/p/q`], { parents: true });
    await rejects(tools.mkdir([`${image}:/p`]), /exists/);
    await tools.rmdir([`${image}:/p/q/r`]);
    assert.equal(await names(image, { recursive: true }).then((all) => all.filter((one) => /^(p|lib)/.test(one))), ['p', 'p/q']);
    await tools.touch([`${image}:/p/new`, `${image}:/boot.js`], { time: TIME + 100 });
    const [{ entries }] = await tools.ls([image], { times: true });
    if (fs !== 'lfs1') assert.is(entries.find(({ name }) => name === 'boot.js')?.mtime, TIME + 100);
    assert.is(await text(`${image}:/p/new`), '');
  });

  test(`${fs}: edit puts back what was changed, and leaves alone what was not`, async () => {
    assert.not(await tools.edit(`${image}:/boot.js`, {}, ({ content }) => content));
    assert.ok(
      await tools.edit(`${image}:/boot.js`, {}, ({ name, content }) => {
        assert.is(name, 'boot.js');
        return Buffer.concat([content, Buffer.from('more\n')]);
      }),
    );
    assert.is(await text(`${image}:/boot.js`), 'print("boot")\nmore\n');
    await rejects(
      tools.edit(image, {}, ({ content }) => content),
      /is an image: which file of it\?/,
    );
    assert.ok(await tools.edit(`${image}:/made.js`, {}, () => Buffer.from('new')));
    assert.is(await text(`${image}:/made.js`), 'new');
  });

  test(`${fs}: --in-place writes into the file itself, and gives the same image`, async () => {
    writeFileSync(at('copy.img'), readFileSync(image));
    const { ino } = statSync(at('copy.img'));
    await tools.cp([join(source, 'lib')], at('copy.img') + ':/', { recursive: true, preserve: true, inPlace: true });
    assert.is(statSync(at('copy.img')).ino, ino);
    await tools.cp([join(source, 'lib')], `${image}:/`, { recursive: true, preserve: true });
    assert.equal(await names(at('copy.img'), { recursive: true, all: true }), await names(image, { recursive: true, all: true }));
    assert.not(existsSync(image + '.new'));
  });
}

test('mv: what cannot be written to its place stays where it was', async () => {
  const image = at('lfs2.img');
  const before = readFileSync(image);
  writeFileSync(at('precious.txt'), 'precious');
  // Where the copy of the image would be made.
  mkdirSync(image + '.new');
  await rejects(tools.mv([at('precious.txt')], `${image}:/`), /cannot write .*lfs2\.img/);
  await rejects(tools.mv([at('fat.img') + ':/boot.js'], `${image}:/x.js`), /cannot write .*lfs2\.img/);
  rmSync(image + '.new', { recursive: true });
  assert.is(readFileSync(at('precious.txt'), 'utf8'), 'precious');
  assert.ok((await names(at('fat.img'))).includes('boot.js'));
  assert.ok(before.equals(readFileSync(image)));
});

test('a link that leads up is passed over, others are followed', async () => {
  mkdirSync(at('links/below'), { recursive: true });
  writeFileSync(at('links/file'), 'linked');
  symlinkSync('..', at('links/below/up'));
  symlinkSync('file', at('links/to-file'));
  symlinkSync('nowhere', at('links/broken'));
  const notes: string[] = [];
  await tools.create(at('links.img'), { fs: 'lfs2', from: at('links') });
  assert.equal(await names(at('links.img'), { recursive: true }), ['below', 'file', 'to-file']);
  await tools
    .cp([at('links') + '/'], at('links.img') + ':/again', { recursive: true }, { note: (line) => notes.push(line) })
    .catch(() => {});
  assert.equal(
    notes.map((line) => line.replace(/^.*links\//, '')),
    ['below/up: neither file nor directory, passed over', 'broken: neither file nor directory, passed over'],
  );
});

test('littlefs 2: an independent reader finds no fault in what the verbs have left', () => {
  const bytes = new Uint8Array(readFileSync(at('lfs2.img')));
  const { problems, tree } = checkLfs2(bytes, 4096, bytes.length / 4096);
  assert.equal(problems, []);
  assert.ok(tree.has('/lib/deep/big.bin'));
});

if (has('mdir') && has('fsck.fat'))
  test('FAT: fsck.fat and mtools agree with what the verbs have left, and what mtools writes is read', async () => {
    const env = { ...process.env, MTOOLS_SKIP_CHECK: '1', TZ: 'UTC' };
    execFileSync('fsck.fat', ['-n', at('fat.img')]);
    const listed = execFileSync('mdir', ['-/', '-b', '-a', '-i', at('fat.img'), '::'], { encoding: 'utf8', env });
    const ours = (await tools.ls([at('fat.img')], { recursive: true, all: true }))[0].entries;
    assert.equal(
      listed
        .trim()
        .split('\n')
        .map((line) => line.replace(/^::\//, '').replace(/\/$/, ''))
        .sort(),
      ours.map(({ path }) => path).sort(),
    );
    assert.is(execFileSync('mtype', ['-i', at('fat.img'), '::/boot.js'], { encoding: 'utf8', env }), 'print("boot")\nmore\n');
    writeFileSync(at('fresh.img'), new Uint8Array(1 << 20));
    execFileSync('mkfs.fat', ['-n', 'THEIRS', at('fresh.img')], { stdio: 'ignore' });
    execFileSync('mcopy', ['-s', '-p', '-m', '-i', at('fresh.img'), join(source, 'lib'), join(source, 'A longer näme.txt'), '::'], { env });
    assert.equal(await names(at('fresh.img'), { recursive: true }), [
      'A longer näme.txt',
      'lib',
      'lib/a.js',
      'lib/b.js',
      'lib/deep',
      'lib/deep/big.bin',
    ]);
    assert.is(await text(at('fresh.img') + ':/lib/a.js'), 'exports.a = 1;\n');
  });

if (has('fsck.exfat'))
  test('exFAT: fsck.exfat finds no fault in what the verbs have left, and what mkfs.exfat made is written to', async () => {
    execFileSync('fsck.exfat', ['-n', at('exfat.img')]);
    writeFileSync(at('fresh.img'), new Uint8Array(8 << 20));
    execFileSync('mkfs.exfat', ['-L', 'THEIRS', at('fresh.img')], { stdio: 'ignore' });
    await tools.cp([source + '/'], at('fresh.img') + ':/', { recursive: true });
    execFileSync('fsck.exfat', ['-n', at('fresh.img')]);
    assert.equal(await names(at('fresh.img'), { recursive: true, all: true }), ALL);
  });

test.after(() => rmSync(folder, { recursive: true }));
test.run();
