import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { norFromImage, norImage, openNorFile } from '../boards/sim';

const geometry = { size: 64 * 1024, eraseSize: 4096, progSize: 4 };
const folder = mkdtempSync(path.join(tmpdir(), 'microvfs-'));
test.after(() => rmSync(folder, { recursive: true }));

test('a missing file becomes an erased chip', () => {
  const file = path.join(folder, 'blank.bin');
  const chip = openNorFile(file, geometry);
  chip.close();
  assert.ok(readFileSync(file).every((byte) => byte === 0xff));
  assert.is(statSync(file).size, geometry.size);
});

test('what was programmed and erased is in the file at once and survives reopening', () => {
  const file = path.join(folder, 'kept.bin');
  const chip = openNorFile(file, geometry);
  chip.nor.program(4096, new Uint8Array([1, 2, 3, 4]));
  chip.nor.program(8192, new Uint8Array([5, 6, 7, 8]));
  chip.nor.erase(8192);
  const seen = readFileSync(file);
  assert.equal([...seen.subarray(4096, 4101)], [1, 2, 3, 4, 255]);
  assert.is(seen[8192], 255);
  chip.close();
  const again = openNorFile(file, geometry);
  assert.equal(Buffer.from(norImage(again.nor)), seen);
  assert.equal(again.nor.usedBlocks(), [1]);
  again.close();
});

test('a torn operation is in the file as it happened', () => {
  const file = path.join(folder, 'torn.bin');
  const chip = openNorFile(file, geometry);
  chip.nor.arm('tear', 1);
  assert.throws(() => chip.nor.program(0, new Uint8Array(8)));
  chip.close();
  assert.equal([...readFileSync(file).subarray(0, 8)], [0, 0, 0, 0, 255, 255, 255, 255]);
});

test('a killed process leaves what it has written', () => {
  const file = path.join(folder, 'killed.bin');
  const script = path.join(folder, 'killed.mts');
  const sim = path.join(process.cwd(), 'boards/sim/file.ts');
  writeFileSync(
    script,
    `import { openNorFile } from ${JSON.stringify(sim)};
     const { nor } = openNorFile(${JSON.stringify(file)}, ${JSON.stringify(geometry)});
     nor.program(0, new Uint8Array([9, 9, 9, 9]));
     process.kill(process.pid, 'SIGKILL');`,
  );
  spawnSync(process.execPath, ['--import', 'tsx', script], { cwd: process.cwd() });
  assert.equal([...readFileSync(file).subarray(0, 5)], [9, 9, 9, 9, 255]);
});

test('a file of another size is refused', () => {
  const file = path.join(folder, 'short.bin');
  writeFileSync(file, new Uint8Array(100));
  assert.throws(() => openNorFile(file, geometry), /has 100 bytes/);
});

test('an image makes a chip and a chip an image', () => {
  const image = new Uint8Array(geometry.size).fill(0xff);
  image[5000] = 1;
  const nor = norFromImage(image, geometry);
  assert.equal(nor.usedBlocks(), [1]);
  assert.equal(norImage(nor), image);
});

test.run();
