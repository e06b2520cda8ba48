// An image of a folder, and one of a whole chip with that in its partition: node examples/make-image.mjs data out
import { copyFileSync, mkdirSync } from 'node:fs';
import { create, df, sha256 } from 'microvfs/tools';

const [folder = 'data', out = 'out', chip] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
await create(`${out}/fs.bin`, { fs: 'lfs2', size: '1M', from: folder, force: true });
if (chip) {
  copyFileSync(chip, `${out}/chip.bin`);
  await create(undefined, { into: `${out}/chip.bin#vfs`, fs: 'lfs2', from: folder, force: true });
}
const [{ used, free }] = await df([`${out}/fs.bin`]);
console.log(`${used} bytes used, ${free} free, ${(await sha256([`${out}/fs.bin`])).length} files`);
