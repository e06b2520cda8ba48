/** Types for device scripts: the template compiles, becomes one script in ES5, and runs on a board; what a board has not is an error. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'acorn';
import { rollup } from 'rollup';
import type { SourceFile } from 'typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { boards, norFromImage } from '../boards/sim';
import { planOf } from '../tools/build/plan';
import { distPath, packagePath } from '../tools/dist';
import { deviceSources } from '../tools/engines/engine';
import { nodeEngine } from '../tools/engines/node';
import { freshChip } from '../tools/partition-table';
import { typescript } from '../tools/typescript';

const ts = typescript();

/** The template as somebody has copied it, with what it depends on installed. */
const template = realpathSync(mkdtempSync(join(tmpdir(), 'microvfs-device-')));
cpSync(packagePath('examples/device-ts'), template, { recursive: true });
mkdirSync(join(template, 'node_modules/@types'), { recursive: true });
for (const [name, from] of [
  ['microvfs', '.'],
  ['@types/espruino', 'node_modules/espruino-typescript-types'],
  ['typescript', 'node_modules/typescript'],
])
  symlinkSync(packagePath(from), join(template, 'node_modules', name), 'dir');
test.after(() => rmSync(template, { recursive: true }));

/** The same for all programs, and most of the work. */
const libraries = new Map<string, SourceFile | undefined>();

/** What TypeScript says of these sources in the template's folder, by its options. */
function problems(sources: { [file: string]: string }): string[] {
  const { config } = ts.readConfigFile(join(template, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, template, join(template, 'tsconfig.json'));
  const host = ts.createCompilerHost(options);
  const inner = { read: host.readFile, exists: host.fileExists, source: host.getSourceFile };
  const given: { [path: string]: string } = Object.fromEntries(
    Object.entries(sources).map(([file, text]) => [join(template, 'src', file).replaceAll('\\', '/'), text]),
  );
  host.readFile = (file) => given[file] ?? inner.read(file);
  host.fileExists = (file) => file in given || inner.exists(file);
  host.getSourceFile = (file, ...rest) => {
    if (!file.includes('/node_modules/')) return inner.source(file, ...rest);
    if (!libraries.has(file)) libraries.set(file, inner.source(file, ...rest));
    return libraries.get(file);
  };
  const program = ts.createProgram([join(template, 'src/main.ts'), join(template, 'src/board.d.ts'), ...Object.keys(given)], options, host);
  return ts.getPreEmitDiagnostics(program).map((one) => ts.flattenDiagnosticMessageText(one.messageText, '\n'));
}

if (!existsSync(distPath('host/modules/index.d.ts'))) console.log('SKIP: types: run npm run build first');
else {
  test('the template compiles without a word', () => {
    assert.equal(problems({}), []);
  });

  const uses: { [board: string]: string } = {
    esp32: "const size: number = new vfs.Partition('vfs').info()[3]; new vfs.VfsLfs1(new vfs.SpiFlash(port, pin)); new vfs.VfsNative();",
    esp8266: 'vfs.VfsLfs2.mkfs(vfs.bdev()); new vfs.SpiFlash(port, pin, { baudrate: 1000000 });',
    nrf52: "new vfs.Flash({ start: 0 }); vfs.StorageVolume.create('64K'); new vfs.SDCard(port, pin);",
    rp2: "vfs.mount(new vfs.Flash(), '/'); vfs.boot({ create: '128K', safe: false }); new vfs.VfsOverlay(new vfs.VfsRom(new Uint8Array(0)), new vfs.VfsLfs2(new vfs.Flash()));",
    stm32: 'vfs.VfsFat.mkfs(new vfs.Flash({})); new vfs.SDCard(port, pin, { onWait: () => {} });',
    zephyr: "new vfs.FlashArea(0, 4096); new vfs.DiskAccess('SD');",
  };
  for (const board of Object.keys(boards))
    test(`${board}: require('vfs') has the names of its bundles, the firmware's port and pins fit, and what it has not is an error`, () => {
      const names = Object.keys(boards[board].bundles)
        .filter((suffix) => suffix !== '-ro' && suffix !== '-fat')
        .flatMap((suffix) => Object.keys(planOf(board, boards[board], suffix).names));
      const head = "import * as vfs from 'vfs';\ndeclare const port: SPI, pin: Pin;\n";
      const own = { 'board.d.ts': `import 'microvfs/device/${board}';`, 'main.ts': '' };
      const all = [...new Set(names), 'fd', 'poll', 'bootOk', 'path', 'require', 'readFile'].map((name) => `vfs.${name};`).join('\n');
      assert.equal(problems({ ...own, 'main.ts': `${head}${all}\n${uses[board]}\nexport const used: unknown[] = [port, pin];` }), []);
      const plain = "const v = require('vfs');\nconst wrong: number = v.readFile('/a', 'utf8');\nv.nothing;\nexport { wrong };";
      const said = problems({ ...own, 'main.ts': plain }).join('\n');
      assert.match(said, /Type 'string' is not assignable to type 'number'/);
      assert.match(said, /Property 'nothing' does not exist/);
      const other = board === 'rp2' ? 'Partition' : board === 'stm32' ? 'StorageVolume' : 'rp2';
      assert.match(problems({ ...own, 'main.ts': `${head}vfs.${other};\nexport const used = [port, pin];` }).join(), /does not exist/);
    });

  test('the template is built to one script in ES5, which runs on a board again and again', async () => {
    const before = process.cwd();
    try {
      process.chdir(template);
      const { default: config } = await import(pathToFileURL(join(template, 'rollup.config.js')).href);
      const bundle = await rollup(config);
      await bundle.write(config.output);
      await bundle.close();
      const script = readFileSync(join(template, 'dist/main.js'), 'utf8');
      parse(script, { ecmaVersion: 5 });
      const lines: string[] = [];
      const device = await nodeEngine.start(norFromImage(freshChip(1024 * 1024), { eraseSize: 4096, progSize: 4 }), (line) =>
        lines.push(line),
      );
      const run = (source: string) => {
        const outcome = device.evaluate(source, 'script');
        assert.ok(outcome.ok, outcome.text);
      };
      for (const { source } of deviceSources('esp32')) run(source);
      run("require('vfs').boot()");
      run(`require('vfs').writeFile('/main.js', ${JSON.stringify(script)})`);
      for (let i = 0; i < 3; i++) run("require('vfs').umount('/'); require('vfs').boot()");
      lines.length = 0;
      run("print(require('vfs').readFile('/log.txt', 'utf8'))");
      assert.match(lines.join('\n'), /^start 1, \d+ bytes, \d+ blocks free\nstart 2, .*\nstart 3, /);
      device.close();
    } finally {
      process.chdir(before);
    }
  });
}

test.run();
