import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as tools from '../tools';
import { ALL, makeFolder, namesIn, rejects, TIME, textOf } from './support/tools';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-compare-'));
const at = (name: string) => join(folder, name);
const source = makeFolder(at('source'));

const SIZES = { lfs2: '256K', lfs1: '256K', fat: '256K', exfat: '4M', rom: '64K' } as const;

for (const fs of ['lfs2', 'lfs1', 'fat', 'exfat', 'rom'] as const) {
  const image = at(`${fs}.img`);

  test(`${fs}: an image and the folder that it was made of do not differ, and have the same sums`, async () => {
    await tools.create(image, { fs, size: SIZES[fs], from: source });
    assert.equal(await tools.diff(image, source), []);
    const sums = await tools.sha256([image]);
    assert.equal(sums, await tools.sha256([source]));
    assert.is(sums.length, 7);
    assert.is(sums[0].path, '.hidden');
    assert.is(sums[0].sha256, 'aaa9402664f1a41f40ebbc52c9993eb66aeb366602958fdfaa283b71e64db123');
    writeFileSync(at('sums.txt'), sums.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join(''));
    for (const place of [image, source]) {
      const checked = await tools.checkSums(at('sums.txt'), place);
      assert.equal([...new Set(checked.map(({ state }) => state))], ['ok'], place);
    }
    const [one] = await tools.sha256([`${image}:/lib/a.js`]);
    assert.equal(one, { path: `${image}:/lib/a.js`, sha256: (await tools.sha256([join(source, 'lib/a.js')]))[0].sha256 });
  });

  if (fs !== 'rom')
    test(`${fs}: diff and sums tell what differs, is missing and is too many`, async () => {
      const other = at(`other-${fs}.img`);
      writeFileSync(other, readFileSync(image));
      await tools.rm([`${other}:/boot.js`]);
      await tools.cp([join(source, 'lib/b.js')], `${other}:/lib/a.js`);
      await tools.rm([`${other}:/empty`], { recursive: true });
      await tools.touch([`${other}:/empty`, `${other}:/lib/new`]);
      assert.equal(await tools.diff(image, other), [
        { path: 'boot.js', what: 'first' },
        { path: 'empty', what: 'kind' },
        { path: 'lib/a.js', what: 'content' },
        { path: 'lib/new', what: 'second' },
      ]);
      assert.equal(await tools.diff(`${image}:/lib/a.js`, `${other}:/lib/a.js`), [{ path: '', what: 'content' }]);
      const bad = (await tools.checkSums(at('sums.txt'), other)).filter(({ state }) => state !== 'ok');
      assert.equal(bad, [
        { path: 'boot.js', state: 'missing' },
        { path: 'lib/a.js', state: 'differs' },
      ]);
      await rejects(tools.diff(image, at('nowhere')), /nowhere: no such file/);
    });

  if (fs !== 'rom')
    test(`${fs}: sync writes what has changed and nothing else, and removes only when it is told to`, async () => {
      const to = at(`sync-${fs}.img`);
      const from = makeFolder(at(`from-${fs}`));
      await tools.create(to, { fs, size: SIZES[fs] });
      const first = await tools.sync(from, to);
      assert.equal(
        first.map(({ path }) => path),
        ALL,
      );
      assert.equal(await tools.diff(to, from), []);
      const before = readFileSync(to);
      const { mtimeMs } = statSync(to);
      assert.equal(await tools.sync(from, to), []);
      assert.is(statSync(to).mtimeMs, mtimeMs, 'nothing has changed, and the image was written');
      assert.ok(before.equals(readFileSync(to)));

      writeFileSync(join(from, 'lib/a.js'), 'exports.a = 2;\n');
      writeFileSync(join(from, 'new.js'), 'new');
      rmSync(join(from, 'none.txt'));
      rmSync(join(from, 'lib/deep'), { recursive: true });
      const wanted = [
        { path: 'lib/a.js', what: 'changed' },
        { path: 'new.js', what: 'new' },
      ];
      assert.equal(await tools.sync(from, to, { dryRun: true }), wanted);
      assert.ok(before.equals(readFileSync(to)), 'a dry run has written');
      assert.equal(await tools.sync(from, to), wanted);
      assert.is(await textOf(`${to}:/lib/a.js`), 'exports.a = 2;\n');
      assert.ok((await namesIn(to)).includes('none.txt'));
      assert.equal(await tools.sync(from, to, { delete: true }), [
        { path: 'none.txt', what: 'removed' },
        { path: 'lib/deep', what: 'removed' },
      ]);
      assert.equal(await tools.diff(to, from), []);
      // The same content at another time is not written.
      utimesSync(join(from, 'boot.js'), TIME + 1000, TIME + 1000);
      assert.equal(await tools.sync(from, to), []);
      // Back to the host.
      const back = await tools.sync(`${to}:/lib`, at(`back-${fs}`));
      assert.equal(
        back.map(({ path }) => path),
        ['a.js', 'b.js'],
      );
      rmSync(join(from, 'empty'), { recursive: true });
      writeFileSync(join(from, 'empty'), 'a file now');
      await rejects(tools.sync(from, to), /:\/empty: it is a directory; --delete/);
      await tools.sync(from, to, { delete: true });
      assert.equal(await tools.diff(to, from), []);
      await rejects(tools.sync(join(from, 'boot.js'), to), /no volume that is known/);
    });
}

test('sums that cannot be read are told by line', async () => {
  writeFileSync(at('bad.txt'), 'something else\n');
  await rejects(tools.checkSums(at('bad.txt'), source), /bad\.txt, line 1: no sum/);
  await rejects(tools.checkSums(at('nothing.txt'), source), /cannot read .*nothing\.txt/);
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
