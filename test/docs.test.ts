/**
 * The documentation holds: every example in README.md and docs/ runs and prints what stands below it.
 *
 * A block ```js followed by a block ```text is a program and its output. One that imports is a program for Node over the
 * built package; any other runs on a freshly booted simulated board, in each engine that npm brings. A block
 * ```javascript device needs real hardware and is only parsed.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { parse } from 'acorn';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { boards, norFromImage } from '../boards/sim';
import type * as vfs from '../modules/vfs';
import { planOf } from '../tools/build/plan';
import { distPath, packagePath } from '../tools/dist';
import { bundleExpression, type Device, deviceSources, type Engine } from '../tools/engines/engine';
import { nodeEngine } from '../tools/engines/node';
import { quickjsEngine } from '../tools/engines/quickjs';
import { freshChip } from '../tools/partition-table';

interface Block {
  file: string;
  line: number;
  info: string;
  body: string;
  /** The block that follows with nothing between. */
  next: Block | undefined;
}

const CHIP = 512 * 1024;
const pages = ['README.md', ...readdirSync(packagePath('docs')).map((name) => 'docs/' + name)].filter((name) => name.endsWith('.md'));
const textOf = (page: string): string => readFileSync(packagePath(page), 'utf8');

function blocksOf(file: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  let between = false;
  textOf(file)
    .split('\n')
    .forEach((text, index) => {
      const fence = /^```(.*)$/.exec(text);
      if (open && !fence) open.body += text + '\n';
      else if (open) {
        open = undefined;
        between = false;
      } else if (fence) {
        open = { file, line: index + 1, info: fence[1].trim(), body: '', next: undefined };
        const before = blocks[blocks.length - 1];
        if (before && !between) before.next = open;
        blocks.push(open);
      } else if (text.trim()) between = true;
    });
  assert.is(open, undefined, `${file}: the last block is not closed`);
  return blocks;
}

/** A board that has booted from a fresh chip. */
async function bootedBoard(engine: Engine, chip: Uint8Array, print: (line: string) => void, kind = ''): Promise<Device> {
  const nor = norFromImage(chip, { eraseSize: 4096, progSize: 4 });
  const device = await engine.start(nor, print);
  for (const { source, fileName } of [...deviceSources('esp32', kind), { source: "require('vfs').boot()", fileName: 'boot' }]) {
    const outcome = device.evaluate(source, fileName);
    assert.ok(outcome.ok, outcome.text);
  }
  return device;
}

async function onBoard(engine: Engine, source: string, kind: string): Promise<string> {
  let lines: string[] = [];
  const device = await bootedBoard(engine, freshChip(CHIP), (line) => lines.push(line), kind);
  lines = [];
  // A function of its own: what a program declares stays its own, whatever the board has under that name.
  const outcome = device.evaluate(`(function () {${source}\n})();`, 'example');
  device.close();
  return lines.join('\n') + (outcome.ok ? '' : '\n' + outcome.text);
}

/** The programs, in the package's folder: there it knows itself by its name. */
const programs = packagePath(`dist/.programs-${process.pid}`);
test.before(() => void mkdirSync(programs, { recursive: true }));
test.after(() => rmSync(programs, { recursive: true }));

/** A program that wires up a board has a process of its own; after any other nothing is mounted again, and the next one goes on in this one. */
async function inNode(source: string, name: string): Promise<string> {
  if (/ from 'microvfs\/boards\//.test(source))
    return execFileSync(process.execPath, ['--input-type=module'], { input: source, cwd: packagePath('.'), encoding: 'utf8' });
  const { chdir, mount, umount }: typeof vfs = await import(pathToFileURL(distPath('host/modules/index.js')).href);
  const file = join(programs, `${name.replace(/\W/g, '-')}.mjs`);
  writeFileSync(file, source);
  const lines: string[] = [];
  const { log } = console;
  console.log = (...values) => void lines.push(format(...values));
  try {
    await import(pathToFileURL(file).href);
  } finally {
    console.log = log;
    for (const [, point] of mount().reverse()) umount(point, { force: true });
    chdir('/');
  }
  return lines.join('\n');
}

const all = pages.flatMap(blocksOf);
const engines: { [name: string]: Engine } = { node: nodeEngine, quickjs: quickjsEngine };

if (!existsSync(distPath('esp32/vfs.min.js')) || !existsSync(distPath('host/modules/index.js'))) {
  console.log('SKIP: examples of the documentation: run npm run build first');
} else {
  for (const block of all.filter((one) => one.info === 'js')) {
    const where = `${block.file}:${block.line}`;
    if (/^import /m.test(block.body)) {
      test(`the program for Node at ${where} prints what stands below it`, async () => {
        assert.is(block.next?.info, 'text', 'a block of output follows');
        assert.is((await inNode(block.body, where)).trimEnd(), block.next?.body.trimEnd());
      });
      continue;
    }
    for (const name in engines) {
      test(`the script at ${where} prints what stands below it (${name})`, async () => {
        assert.is(block.next?.info, 'text', 'a block of output follows');
        parse(block.body, { ecmaVersion: 5 });
        assert.is(
          (await onBoard(engines[name], block.body, block.file === 'docs/drivers.md' ? '-sd' : '')).trimEnd(),
          block.next?.body.trimEnd(),
        );
      });
    }
  }

  for (const file of readdirSync(packagePath('examples')).filter((name) => name.endsWith('.js'))) {
    test(`examples/${file} is ES5 and runs again and again on a board`, async () => {
      const source = readFileSync(packagePath('examples/' + file), 'utf8');
      parse(source, { ecmaVersion: 5 });
      const lines: string[] = [];
      const device = await bootedBoard(nodeEngine, freshChip(CHIP), (line) => lines.push(line));
      for (let run = 0; run < 3; run++) {
        const outcome = device.evaluate(source, file);
        assert.ok(outcome.ok, outcome.text);
      }
      assert.ok(lines.length > 1, 'it prints something');
    });
  }

  test('api.md has a heading for every name that require(vfs) gives', () => {
    const headings = [...textOf('docs/api.md').matchAll(/^###? (.*)$/gm)].map((match) => match[1]).join('\n');
    const exported = new Function(`return ${bundleExpression('esp32/vfs.min.js')}`)();
    for (const name of Object.keys(exported)) assert.match(headings, new RegExp(`\\b${name}\\b`));
  });

  const operations =
    'addDriver chdir copy exists getcwd ilistdir listdir makedirs mkdir mount open readFile register remove rename rmdir rmtree stat statvfs ' +
    'sync umount unlink unregister utime walk writeFile';
  const others = 'devfs fd installFs poll redirect stderr stdin stdout uart';
  const booting = 'boot bootOk path require';
  const formats = 'VfsLfs1 VfsRom VfsExFat VfsOverlay';
  const card = 'VfsFat VfsExFat SDCard SpiFlash';
  /** By bundle: with the default ones, what those have besides; `-ro` has what the default one has, or this. */
  const own: { [board: string]: { [suffix: string]: string } } = {
    esp32: {
      '': 'VfsLfs2 Partition StorageVolume',
      '-sd': `${card} VfsNative`,
      '-all': `${formats} VfsFat VfsNative VfsStorage SDCard SpiFlash rom_ioctl`,
      '-ro': 'VfsLfs2 Partition',
    },
    stm32: {
      '': 'VfsFat Flash SDCard',
      '-sd': 'VfsExFat VfsNative SpiFlash',
      '-all': `${formats} VfsLfs2 VfsNative SpiFlash`,
      '-ro': 'VfsFat Flash',
      '-native': 'VfsNative',
      '-card': 'VfsNative',
    },
    zephyr: {
      '': 'VfsLfs2 FlashArea useZephyr ecma419 espruinoZephyr',
      '-sd': 'VfsFat VfsExFat DiskAccess',
      '-all': `${formats} VfsFat DiskAccess rom_ioctl`,
      '-moddable': 'VfsLfs2 VfsFat FlashArea SDCard useZephyr ecma419 ecma419Spi ecma419Pin',
    },
    esp8266: { '': 'VfsLfs2 bdev', '-sd': card },
    rp2: {
      '': 'VfsLfs2 Flash StorageVolume',
      '-sd': card,
      '-all': `${formats} VfsFat VfsStorage SDCard SpiFlash`,
      '-kaluma': 'VfsLfs2 Flash useKaluma kalumaFs kalumaPin kalumaSpi',
      '-kaluma-sd': 'VfsFat SDCard useKaluma kalumaFs kalumaPin kalumaSpi',
      '-ro': 'VfsLfs2 Flash',
    },
    nrf52: {
      '': 'VfsLfs2 Flash StorageVolume',
      '-sd': `${card} VfsStorage`,
      '-ro': 'VfsLfs2 Flash',
      '-native': 'VfsNative',
      '-card': 'VfsNative',
    },
  };
  const faces: [bundle: string, names: string, given: string[]][] = [['esp32/vfs-fat.min.js', `${operations} VfsFat`, []]];
  for (const board in own)
    for (const suffix of Object.keys(boards[board].bundles)) {
      if (suffix === '-fat') continue;
      const { alone, small, card: boots } = boards[board].bundles[suffix];
      if (small) {
        const all = `${operations} boot ${own[board]['']}`;
        faces.push([`${board}/vfs${suffix}.min.js`, all, all.split(' ')]);
        continue;
      }
      const common = `${operations} ${alone && !boots ? '' : booting} ${/^-(sd|all)/.test(suffix) ? others : ''}`;
      const names = `${common} ${alone ? (own[board][suffix] ?? own[board]['']) : `${own[board]['']} ${own[board][suffix]}`}`;
      const plan = Object.keys(planOf(board, boards[board], suffix).names);
      faces.push([`${board}/vfs${suffix}.min.js`, names, [...common.split(' '), ...plan]]);
    }
  const text = pages.map(textOf).join('\n');
  for (const [bundle, names, given] of faces)
    test(`${bundle} gives exactly the names that are documented`, () => {
      // What is made only when it is asked for, by what it is made of.
      const exported = existsSync(distPath(bundle)) ? Object.keys(new Function(`return ${bundleExpression(bundle)}`)()) : given;
      const unique = (list: string[]) => [...new Set(list.filter(Boolean))].sort();
      assert.equal(unique(exported), unique(names.split(' ')));
      for (const name of unique(exported)) assert.match(text, new RegExp(`\`[^\`]*\\b${name}\\b`), name);
    });
}

test('scripts for real hardware are ES5', () => {
  for (const block of all.filter((one) => one.info.startsWith('javascript'))) {
    assert.match(block.info, /\bdevice\b/, `${block.file}:${block.line}`);
    try {
      parse(block.body, { ecmaVersion: 5 });
    } catch (error) {
      assert.unreachable(`${block.file}:${block.line}: ${(error as Error).message}`);
    }
  }
});

test('every block says what it is', () => {
  for (const block of all) assert.match(block.info, /^(js|text|sh|csv|javascript device)$/, `${block.file}:${block.line}`);
});

test('links within the repository lead to a file, and to a heading where they name one', () => {
  for (const page of pages) {
    for (const [, target, anchor] of textOf(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)) {
      const path = target ? join(dirname(page), target) : page;
      assert.ok(existsSync(packagePath(path)), `${page}: ${target}`);
      if (!anchor) continue;
      const anchors = [...textOf(path).matchAll(/^#+ (.*)$/gm)].map((match) =>
        match[1]
          .toLowerCase()
          .replace(/[^\w\- ]/g, '')
          .replace(/ /g, '-'),
      );
      assert.ok(anchors.includes(anchor), `${page}: #${anchor}`);
    }
  }
});

test('each operation of ESP-IDF has the tests in drivers.md that name it', () => {
  const declared = [...readFileSync(packagePath('modules/contract/prefix.ts'), 'utf8').matchAll(/^ {2}(\w+)\?\(/gm)].map(
    (match) => match[1],
  );
  const rows = [...textOf('docs/drivers.md').matchAll(/^\| `(\w+)` +\|[^|]*\| (.*) \|$/gm)].filter((match) => declared.includes(match[1]));
  assert.equal(rows.map((match) => match[1]).sort(), [...declared].sort());
  for (const [, operation, named] of rows) {
    const tests = [...named.matchAll(/`([\w-]+)`: "([^"]+)"/g)];
    assert.ok(tests.length, operation);
    // Nothing stands in the cell but these.
    assert.is(tests.map((match) => match[0]).join('; '), named, operation);
    for (const [, file, title] of tests) {
      const found = readFileSync(packagePath(`test/${file}.test.ts`), 'utf8')
        .split(/^ *test\(/m)
        .find((one) => one.startsWith(`'${title}'`) || one.startsWith(`"${title}"`));
      assert.ok(found, `${file}: ${title}`);
      // That it is named there, as the driver's own or as the function that reaches it.
      assert.match(found as string, new RegExp(`\\b${operation}\\b`), `${operation}: ${title}`);
    }
  }
});

test('differences.md has a row for each matter of the design, and for what was decided since', () => {
  const titles = [
    'conflict of mount points',
    'nesting',
    'paths',
    'listing',
    'rename across mounts',
    'rename of a directory into itself',
    'remove / rmdir',
    'open modes',
    'closed file',
    'seek past the end',
    'read-only',
    'autodetection',
    'names on FAT',
    'open files',
    'full volume',
    'timestamps',
    'directory size',
    'disk version',
    'empty path',
    '`/` and mount points',
    'nothing mounted',
    'slash at the end',
    'one object, one mount point',
    'whole files',
    'text',
    'volume smaller than its device',
    'littlefs names',
    'wrong arguments',
    "chdir and getcwd of a user's file system",
    'user entries',
    'a volume by itself',
    'ENOTDIR',
    'positive results of devices',
    '`statvfs` on littlefs',
    'root directory of FAT',
    'blocks of 64 bytes',
    'what `mkfs` makes in `mount`',
    'name limits of FAT',
  ];
  const rows = [...textOf('docs/differences.md').matchAll(/^\| ([^|]+?) +\|/gm)].map((match) => match[1]);
  for (const title of titles) assert.ok(rows.includes(title), title);
});

test.run();
