import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packagePath } from '../tools/dist';
import { partitionTable } from '../tools/partition-table';
import { checkLfs2 } from './independent/lfs2-reader';
import { microvfs, type Run } from './support/command';
import { goldenImage, goldenManifest, goldenNames } from './support/golden';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-cli-'));
const at = (name: string) => join(folder, name);

function boot(flash: string, script?: string, ...more: string[]): Promise<Run> {
  if (script !== undefined) writeFileSync(at('script.js'), script);
  return microvfs(['boot', '--flash', at(flash), ...(script === undefined ? [] : ['--run', at('script.js')]), ...more]);
}

/** One line that says what is wrong, and exit code 2. */
function misuse(run: Run, message: RegExp): void {
  assert.match(run.err, message);
  assert.is(run.err.trimEnd().split('\n').length, 1, run.err);
  assert.is(run.code, 2);
}

test('a missing flash file is made: an erased chip with a partition table, whose volume boot formats', async () => {
  const run = await boot(
    'new.bin',
    "var vfs = require('vfs'); print(vfs.listdir('/').length, vfs.bootReport.volumes[0].state);",
    '--size',
    '512K',
  );
  assert.is(run.code, 0, run.err + run.out);
  assert.match(run.out, /^0 formatted$/m);
  assert.is(statSync(at('new.bin')).size, 512 * 1024);
});

for (const size of ['8M', '16M'])
  test(`a chip of ${size} boots, its volume reaches to its end, and what is written is kept`, async () => {
    const name = `large-${size}.bin`;
    const blocks = parseInt(size, 10) * 256 - 512;
    for (const engine of ['quickjs', 'node']) {
      const run = await boot(
        name,
        "var os = require('os'); print(bdev instanceof require('esp32').Partition, bdev.ioctl(4, 0), os.statvfs('/')[2], os.listdir('/').join()); require('vfs').writeFile('/f', 'kept');",
        ...(engine === 'quickjs' ? ['--size', size] : []),
        '--engine',
        engine,
      );
      assert.is(run.code, 0, run.err + run.out);
      assert.match(run.out, new RegExp(`^true ${blocks} ${blocks} ${engine === 'quickjs' ? '' : 'f'}$`, 'm'));
    }
    rmSync(at(name));
  });

test('what the device writes is in the file for the next boot', async () => {
  assert.is((await boot('keep.bin', "require('vfs').writeFile('/a.txt', 'kept')", '--size', '512K')).code, 0);
  const run = await boot('keep.bin', "print(require('vfs').readFile('/a.txt', 'utf8'))");
  assert.match(run.out, /^kept$/m);
  assert.is(run.code, 0);
});

test('main.js runs at boot, and print and console.log show values', async () => {
  await boot(
    'main.bin',
    'require(\'vfs\').writeFile(\'/main.js\', \'print("main", [1, {a: "x"}]); console.log("too")\')',
    '--size',
    '512K',
  );
  const run = await boot('main.bin');
  assert.match(run.out, /^main \[1, \{ a: "x" \}\]\ntoo$/m);
  assert.is(run.code, 0);
});

test('an error in main.js is printed with file and line and makes the exit code 1', async () => {
  await boot('bad-main.bin', "require('vfs').writeFile('/main.js', 'var a;\\na.b.c;\\n')", '--size', '512K');
  const run = await boot('bad-main.bin');
  assert.match(run.out, /\/main\.js:2: /);
  assert.is(run.code, 1);
});

test('an uncaught error of the script is printed with file and line, exit code 1', async () => {
  const run = await boot('throws.bin', "print('before');\nrequire('vfs').readFile('/none');", '--size', '512K');
  assert.match(run.out, /^before$/m);
  assert.match(run.err, /ENOENT: no such file or directory/);
  assert.match(run.err, /script\.js:2/);
  assert.is(run.code, 1);
});

test("Espruino's Flash module reaches the chip", async () => {
  const run = await boot('flash.bin', "print(require('Flash').read(4, 0x8000)[0].toString(16))", '--size', '512K');
  assert.match(run.out, /^aa$/m);
});

test('a volume that is damaged is left as it was, and the boot fails', async () => {
  await boot('damaged.bin', undefined, '--size', '512K');
  const image = readFileSync(at('damaged.bin'));
  image.fill(0x5a, 256 * 1024, 256 * 1024 + 8192);
  writeFileSync(at('damaged.bin'), image);
  const run = await boot('damaged.bin');
  assert.is(run.code, 1, run.out);
  assert.equal(readFileSync(at('damaged.bin')), image);
});

test('a chip without a partition table does not boot and is left as it was', async () => {
  writeFileSync(at('erased.bin'), Buffer.alloc(65536, 0xff));
  assert.is((await boot('erased.bin')).code, 1);
  assert.equal(readFileSync(at('erased.bin')), Buffer.alloc(65536, 0xff));
});

test('the node engine does the same as QuickJS', async () => {
  const script = "var vfs = require('vfs'); vfs.writeFile('/n', 'x'); print(vfs.listdir('/'), typeof process);";
  const run = await boot('node.bin', script, '--size', '512K', '--engine', 'node');
  assert.match(run.out, /^\["n"\] undefined$/m);
  assert.is(run.code, 0, run.err);
});

test('--tour shows the mounts and a listing, with something to play with on a fresh volume only', async () => {
  const first = await boot('tour.bin', undefined, '--tour', '--size', '512K');
  assert.is(first.code, 0, first.err + first.out);
  assert.match(first.out, /Mounted at \//);
  assert.match(first.out, /hello\.txt {2}\d+/);
  const second = await boot('tour.bin', undefined, '--tour');
  assert.match(second.out, /main\.js: start number 1/);
  assert.not.match(second.out, /fresh volume/);
});

test('wrong command lines and files end in one line and exit code 2', async () => {
  writeFileSync(at('odd.bin'), Buffer.alloc(5000));
  misuse(await microvfs(['boot']), /--flash/);
  misuse(await boot('x.bin', undefined, '--size', '5000'), /not a multiple of 4096/);
  misuse(await boot('x.bin', undefined, '--size', 'big'), /invalid/);
  misuse(await boot('x.bin', undefined, '--size', '64K'), /no room/);
  misuse(await boot('odd.bin'), /odd\.bin has 5000 bytes, not a multiple of 4096/);
  misuse(await boot('keep.bin', undefined, '--size', '1M'), /has 524288 bytes, not 1048576/);
  misuse(await microvfs(['boot', '--flash', folder]), /is not a file/);
  misuse(await boot('x.bin', undefined, '--engine', 'v8'), /Allowed choices/);
  misuse(await boot('x.bin', undefined, '--board', 'pdp11'), /Allowed choices/);
  misuse(await microvfs(['boot', '--flash', at('x.bin'), '--run', at('none.js')]), /cannot read the script/);
  misuse(await microvfs(['boot', '--flash', at('x.bin'), '--engine', 'mqjs'], { MQJS: '' }), /set MQJS/);
  misuse(await microvfs(['boot', '--flash', at('x.bin'), '--engine', 'duktape'], { PATH: folder }), /no duk on the PATH/);
  assert.not(existsSync(at('x.bin')), 'a flash file was made all the same');
});

test('the examples run', async () => {
  const example = (name: string) => microvfs(['boot', '--flash', at('examples.bin'), '--run', packagePath(`examples/${name}.js`)]);
  assert.is((await example('logger')).code, 0);
  assert.match((await example('logger')).out, /(started with \d+ blocks free\n){2}/);
  const tree = await example('tree');
  assert.match(tree.out, /^log\.txt {2}\d+\n\d+ of 2048 kB free$/m);
  assert.is(tree.code, 0, tree.err);
});

test('--version and --help answer', async () => {
  assert.is((await microvfs(['--version'])).out.trim(), JSON.parse(readFileSync(packagePath('package.json'), 'utf8')).version);
  assert.match((await microvfs(['boot', '--help'])).out, /--flash <file>/);
});

test('the partition table has its MD5 entry', async () => {
  const table = partitionTable([{ label: 'vfs', type: 1, subtype: 0x81, offset: 0x10000, size: 0x10000 }]);
  assert.is(Buffer.from(table).toString('hex', 32, 48), 'ebebffffffffffffffffffffffffffff');
  assert.is(table.length, 64);
});

const list = `
var vfs = require('vfs');
function crc(data) {
  var c = -1;
  for (var i = 0; i < data.length; i++) {
    c ^= data[i];
    for (var k = 0; k < 8; k++) c = (c >>> 1) ^ (0xedb88320 & -(c & 1));
  }
  return ((~c >>> 0) + 0x100000000).toString(16).substring(1);
}
function walk(dir) {
  vfs.listdir(dir).forEach(function (name) {
    var path = dir + name;
    if (vfs.stat(path)[0] & 0x4000) { print('dir', path); walk(path + '/'); }
    else print('file', path, vfs.stat(path)[6], crc(vfs.readFile(path)));
  });
}
walk('/');
`;

interface Chip {
  partitions: { label: string; offset: number; size: number; content: string | null }[];
}

for (const name of goldenNames('flash')) {
  const chip = goldenManifest<Chip>('flash', name);
  const partition = chip.partitions.find(({ label }) => label === 'vfs');
  if (!partition?.content) continue;
  const expected = goldenManifest('lfs2', partition.content.replace('.img', ''))
    .entries.map(({ type, path, size, crc32 }) => (type === 'dir' ? `dir ${path}` : `file ${path} ${size} ${crc32}`))
    .sort();

  for (const engine of ['quickjs', 'node'])
    test(`${name}, made by the reference code, boots on ${engine}: its files read, one written stays`, async () => {
      const image = Buffer.from(goldenImage('flash', name));
      writeFileSync(at('golden.bin'), image);
      const first = await boot('golden.bin', list, '--engine', engine);
      assert.is(first.code, 0, first.err + first.out);
      assert.equal(first.out.match(/^(dir|file) .*$/gm)?.sort(), expected);
      assert.equal(readFileSync(at('golden.bin')), image, 'reading has written');

      assert.is((await boot('golden.bin', "require('vfs').writeFile('/log.txt', 'written on the device')", '--engine', engine)).code, 0);
      assert.match(
        (await boot('golden.bin', "print(require('vfs').readFile('/log.txt', 'utf8'))", '--engine', engine)).out,
        /^written on the device$/m,
      );

      const written = readFileSync(at('golden.bin'));
      const volume = written.subarray(partition.offset, partition.offset + partition.size);
      const check = checkLfs2(new Uint8Array(volume), 4096, partition.size / 4096);
      assert.equal(check.problems, []);
      assert.is(check.tree.get('/log.txt')?.size, 21);
      written.copy(image, partition.offset, partition.offset, partition.offset + partition.size);
      assert.equal(written, image, 'written outside the vfs partition');
    });
}

test.after(() => rmSync(folder, { recursive: true, force: true }));
test('a directory of this computer is mounted below the tree of the device, for its scripts and for what they run', async () => {
  const shared = at('shared');
  mkdirSync(shared);
  writeFileSync(join(shared, 'in.txt'), 'from outside');
  const script = `var vfs = require('vfs');
    vfs.copy('/host/in.txt', '/in.txt');
    vfs.makedirs('/host/made/deep');
    vfs.writeFile('/host/made/deep/out.bin', new Uint8Array([1, 2, 250]));
    var file = vfs.open('/host/log.txt', 'a'); file.write('one\\n'); file.write('two'); file.close();
    vfs.rename('/host/log.txt', '/host/renamed.txt');
    try { vfs.readFile('/host/none'); } catch (error) { print(error.message); }
    try { vfs.rmdir('/host/made'); } catch (error) { print(error.code); }
    print(vfs.readFile('/in.txt', 'utf8'), vfs.listdir('/host').sort().join(), vfs.stat('/host/renamed.txt')[6]);`;
  for (const engine of ['quickjs', 'node']) {
    const run = await boot('host.bin', script, '--mount-host', `${shared}:/host`, '--engine', engine, '--size', '512K');
    assert.is(run.code, 0, run.err + run.out);
    assert.match(run.out, /ENOENT: no such file or directory, open '\/host\/none'\nENOTEMPTY\nfrom outside in.txt,made,renamed.txt 7/);
    assert.equal([...readFileSync(join(shared, 'made/deep/out.bin'))], [1, 2, 250]);
    assert.is(readFileSync(join(shared, 'renamed.txt'), 'utf8'), 'one\ntwo');
    for (const made of ['made', 'renamed.txt']) rmSync(join(shared, made), { recursive: true });
  }
});

test('a directory that is not there, and a mount without a point, are misuse', async () => {
  misuse(await boot('host.bin', '1', '--mount-host', `${at('nowhere')}:/host`), /cannot use the directory .*nowhere: ENOENT/);
  misuse(await boot('host.bin', '1', '--mount-host', at('shared')), /give a directory and where it is mounted/);
  misuse(
    await boot('host.bin', '1', '--mount-host', `${at('shared')}:/host`, '--engine', 'espruino'),
    /ESPRUINO|is for the engines quickjs and node/,
  );
});

test.run();
