/** Files of one's own in the bundle, for the factory reset. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { factoryContent } from '../tools/build/factory';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-factory-'));
const load = (): string => factoryContent(folder).load('/x/boards/boot/factory.ts') ?? '';

test('the folder stands for what is built in, other modules stay', () => {
  mkdirSync(join(folder, 'lib'));
  writeFileSync(join(folder, 'main.js'), "console.log('own \u00e4');\n");
  writeFileSync(join(folder, 'lib/tool.js'), 'exports.a = 1;');
  const list = new Function(load().replace('export ', '') + 'return factoryFiles();')();
  assert.equal(list, ['/lib/tool.js', 'exports.a = 1;', '/main.js', "console.log('own \u00e4');\n"]);
  assert.is(factoryContent(folder).load('/x/boards/boot/boot.ts'), null);
});

test('what is no text is refused', () => {
  writeFileSync(join(folder, 'image.bin'), new Uint8Array([0xff, 0xfe, 0x80]));
  assert.throws(load, /image\.bin is no text/);
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
