/** What `npm pack` makes: what users need is in it, and compiles in a program of theirs. */
import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompilerOptions, SourceFile } from 'typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { boards } from '../boards/sim';
import { bundles } from '../tools/bundles';
import { distPath, packagePath } from '../tools/dist';
import { freshChip } from '../tools/partition-table';
import { typescript } from '../tools/typescript';

const ts = typescript();

const program = `
import { mount, RAMBlockDev, readFile, umount, VfsFat, VfsLfs2, type VfsError, writeFile, listdir, type BlockDevice } from 'microvfs';
import { Partition, type PartitionInfo, boot, native } from 'microvfs/boards/esp32';
import { SDCard } from 'microvfs/boards/stm32';
import { FlashArea, DiskAccess } from 'microvfs/boards/zephyr';
import { create, ls, type Created, type Report, PlaceError } from 'microvfs/tools';
import { espruinoFlash, NorFlash, SimSdCard, SimSdSlot } from 'microvfs/boards/sim';

const card: BlockDevice = new RAMBlockDev(512, 1024);
VfsFat.mkfs(card);
VfsFat.mkfs(card, { label: 'DATA', type: 12 });
mount(card, '/sd');
writeFile('/sd/f', 'content');
const text: string = readFile('/sd/f', 'utf8');
umount('/sd');
const clean: number = VfsFat.fsck(card).length;
VfsLfs2.mkfs(new RAMBlockDev(4096, 16), { progsize: 16 });
const slot = new SimSdSlot(new SimSdCard({ type: 'SDHC', blocks: 65536 }));
const blocks: number | undefined = new SDCard(slot.spi, slot.cs, { onWait: () => {} }).ioctl(4);
native.flash = espruinoFlash(new NorFlash({ size: 4194304, eraseSize: 4096, progSize: 4 }));
let code = '';
try {
  const info: PartitionInfo = new Partition('vfs').info();
  code = info[4];
} catch (error) {
  code = (error as VfsError).code;
}
const report: Report = { progress: (done: number, total: number) => void (done + total) };
const made: Created = await create('made.img', { fs: 'lfs2', size: '64K', force: true }, report);
const listed: number = (await ls(['made.img']))[0]?.entries.length ?? -1;
const missing: string = await ls(['made.img:/none']).then(() => '', (error: unknown) => (error as PlaceError).code);
code += [made.size, listed, missing].join();
export const unused: unknown[] = [boot, FlashArea.STORAGE, DiskAccess.disks, listdir];
console.log([text, clean, blocks, code].join());
`;

if (!existsSync(distPath('host/modules/index.js'))) console.log('SKIP: the package: run npm run build first');
else {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'microvfs-package-')));
  const installed = join(folder, 'node_modules/microvfs');
  let files: string[] = [];
  /** TypeScript's own declarations, which are read once for all ways to resolve. */
  const libraries = new Map<string, SourceFile | undefined>();

  test('it is packed: every bundle that is documented, the types, the tools; no tests, no source maps, no records of the build', () => {
    const said = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
      cwd: packagePath('.'),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [{ filename, files: list }] = JSON.parse(said) as [{ filename: string; files: { path: string }[] }];
    files = list.map(({ path }) => path);
    const wanted = bundles.filter((one) => !one.startsWith('test/')).map((one) => 'dist/' + one);
    wanted.push('README.md', 'LICENSE', 'package.json', 'docs/api.md', 'examples/logger.js', 'dist/tools/microvfs.js');
    wanted.push('docs/microvfs.1', 'docs/cli.md', 'examples/make-image.mjs', 'dist/host/tools/index.js', 'dist/host/tools/index.d.ts');
    wanted.push('dist/host/modules/index.js', 'dist/host/modules/index.d.ts', 'dist/host/boards/sim/index.d.ts', 'types/device/esp32.d.ts');
    if (existsSync(distPath('page'))) wanted.push('dist/page/index.html', 'dist/page/offline.js');
    for (const one of wanted) assert.ok(files.includes(one), one);
    for (const one of files) {
      assert.match(one, /^(README\.md|LICENSE|package\.json|(dist|docs|examples|types)\/.*)$/);
      assert.not.match(one, /\.map$|^dist\/(test\/|\.)|node_modules|\.test\./);
    }
    mkdirSync(join(folder, 'node_modules'));
    execFileSync('tar', ['-xzf', join(folder, filename), '-C', folder]);
    renameSync(join(folder, 'package'), installed);
    // What npm would install beside it.
    const { dependencies } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8'));
    for (const name of Object.keys(dependencies)) symlinkSync(packagePath(`node_modules/${name}`), join(folder, 'node_modules', name));
  });

  test('from the tarball, in an empty folder, the command line makes, lists and changes an image', () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const run = (...args: string[]) =>
      execFileSync(process.execPath, [join(installed, 'dist/tools/microvfs.js'), ...args], {
        cwd: empty,
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1' },
      });
    writeFileSync(join(empty, 'main.js'), 'print(1)');
    run('create', 'image.bin', '--fs', 'lfs2', '--size', '128K');
    run('cp', 'main.js', 'image.bin:/');
    assert.is(run('ls', 'image.bin'), 'main.js\n');
    assert.is(run('cat', 'image.bin:/main.js'), 'print(1)');
    assert.match(run('info', 'image.bin'), /littlefs 2, 128 kB/);
    assert.match(run('cp', '--help'), /Examples:/);
  });

  if (!existsSync(distPath('page'))) console.log('SKIP: the page in the package: run npm run build:page first');
  else
    test('from the tarball the page is served, with an image beside it, until Ctrl-C', async () => {
      writeFileSync(join(folder, 'served.bin'), 'not an image');
      const child = spawn(process.execPath, [join(installed, 'dist/tools/microvfs.js'), 'page', join(folder, 'served.bin')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const address = await new Promise<string>((done) => child.stdout.once('data', (line) => done(String(line).trim())));
      assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/#open=\.\/image\/served\.bin$/);
      assert.match(await (await fetch(address)).text(), /<title>microvfs<\/title>/);
      const range = await fetch(new URL('image/served.bin', address), { headers: { Range: 'bytes=4-5' } });
      assert.equal([range.status, await range.text()], [206, 'an']);
      child.kill('SIGINT');
      assert.is(await new Promise((done) => child.once('close', (_, signal) => done(signal))), 'SIGINT');
    });

  test('the examples for build scripts make their images', async () => {
    const work = join(folder, 'work');
    mkdirSync(join(work, 'data/lib'), { recursive: true });
    writeFileSync(join(work, 'data/boot.js'), 'print(1)');
    writeFileSync(join(work, 'data/lib/a.js'), 'exports.a = 1;');
    cpSync(packagePath('examples'), join(work, 'examples'), { recursive: true });
    writeFileSync(join(work, 'chip.bin'), freshChip(1 << 20));
    const node = (...args: string[]) => execFileSync(process.execPath, args, { cwd: work, encoding: 'utf8' });
    assert.match(node('examples/make-image.mjs', 'data', 'out', 'chip.bin'), /^\d+ bytes used, \d+ free, 2 files\n$/);
    writeFileSync(
      join(work, 'vite.mjs'),
      `import { image } from './examples/vite-image.mjs';
      const plugin = image({ file: 'www.bin' });
      plugin.configResolved({ build: { outDir: 'data' } });
      await plugin.closeBundle();`,
    );
    assert.match(node('vite.mjs'), /^www\.bin: 2 files, \d+ bytes\n$/);
    const microvfs = (line: string) =>
      execFileSync('sh', ['-c', line.replaceAll('npx microvfs', `${process.execPath} ${installed}/dist/tools/microvfs.js`)], {
        cwd: work,
        encoding: 'utf8',
      });
    const steps = [...readFileSync(packagePath('examples/ci.yml'), 'utf8').matchAll(/run: (npx microvfs .*)/g)];
    assert.is(steps.length, 3);
    for (const [, line] of steps) microvfs(line);
    // The script of PlatformIO in a stand for it, which prints what it would run.
    const stand = `
class Env:
  def subst(self, text): return text.replace('$BUILD_DIR', '.').replace('$PROJECT_DATA_DIR', 'data')
  def Execute(self, line): print(line)
  def AddCustomTarget(self, name, needs, action, **more): action(None, None, self)
env = Env()
Import = lambda name: None
exec(open('examples/platformio_image.py').read())`;
    let python = '';
    try {
      python = execFileSync('python3', ['-c', stand], { cwd: work, encoding: 'utf8' });
    } catch {
      console.log('skipped: no python3');
    }
    if (python) {
      microvfs(python);
      assert.is(microvfs('npx microvfs ls -R littlefs.bin'), 'boot.js\nlib/\nlib/a.js\n');
    }
  });

  test('what it needs for that is built by npm itself, from a clone as well', () => {
    const scripts = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')).scripts;
    assert.is(scripts.prepack, 'npm run build -- all && tsx tools/gate.ts && npm run build:page');
    assert.match(scripts.build, / --import tsx tools\/build\/run\.ts$/);
  });

  test('everything that exports names is there, and every device bundle can be asked for', () => {
    const names = ['microvfs', 'microvfs/tools', 'microvfs/package.json'];
    for (const board of [...Object.keys(boards), 'sim']) names.push('microvfs/boards/' + board);
    for (const one of bundles) if (!/^(sim|test)\//.test(one)) names.push('microvfs/dist/' + one);
    writeFileSync(join(folder, 'ask.mjs'), `for (const name of ${JSON.stringify(names)}) console.log(import.meta.resolve(name));`);
    const found = execFileSync(process.execPath, ['ask.mjs'], { cwd: folder, encoding: 'utf8' }).trim().split('\n');
    assert.is(found.length, names.length);
    for (const one of found) assert.ok(existsSync(new URL(one)), one);
  });

  for (const [name, module, moduleResolution] of [
    ['node16', ts.ModuleKind.Node16, ts.ModuleResolutionKind.Node16],
    ['nodenext', ts.ModuleKind.NodeNext, ts.ModuleResolutionKind.NodeNext],
    ['bundler', ts.ModuleKind.ESNext, ts.ModuleResolutionKind.Bundler],
  ] as const)
    test(`a program that uses it compiles under strict with ${name} resolution, and runs`, () => {
      writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
      writeFileSync(join(folder, 'program.ts'), program);
      const options: CompilerOptions = {
        module,
        moduleResolution,
        target: ts.ScriptTarget.ES2022,
        lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
        types: [],
        // TypeScript's own are large.
        skipDefaultLibCheck: true,
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        outDir: join(folder, name),
      };
      const host = ts.createCompilerHost(options);
      const { getSourceFile } = host;
      host.getSourceFile = (file, ...how) => {
        if (!/[\\/]lib\.[\w.]+\.d\.ts$/.test(file)) return getSourceFile(file, ...how);
        const lib = libraries.get(file) ?? getSourceFile(file, ...how);
        libraries.set(file, lib);
        return lib;
      };
      const made = ts.createProgram([join(folder, 'program.ts')], options, host);
      const wrong = [...ts.getPreEmitDiagnostics(made), ...made.emit().diagnostics];
      assert.is(
        ts.formatDiagnostics(wrong, { getCurrentDirectory: () => folder, getCanonicalFileName: (file) => file, getNewLine: () => '\n' }),
        '',
      );
      assert.is(
        execFileSync(process.execPath, [`${name}/program.js`], { cwd: folder, encoding: 'utf8' }).trim(),
        'content,0,65536,ENODEV65536,0,ENOENT',
      );
    });

  test.after(() => rmSync(folder, { recursive: true }));
  test.run();
}
