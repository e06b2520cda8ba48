/** A ROMFS that is changed: its files are in another volume for the time of a step, and of that a new image is made. */
import { VfsLfs2 } from '../../../../modules/littlefs2';
import { deviceFor, formatOf } from '../../../places/formats';
import { walk } from '../../../places/tree';
import { romOf } from '../../../verbs/make';
import { gatherFrom } from '../../../verbs/source';
import { blankBase } from './bases';
import { Layer } from './layer';
import { PageVolume } from './page-volume';

/** Of that other volume, of which only pages that are written take memory. */
const SIZE = 64 << 20;

/** The image after a change. */
export async function remade(rom: PageVolume, work: (tree: PageVolume) => Promise<void>): Promise<Uint8Array> {
  const format = formatOf('lfs2');
  const device = deviceFor(format, new Layer(blankBase(SIZE, format.fill)));
  VfsLfs2.mkfs(device);
  const tree = new PageVolume(rom.title, format, () => format.create(device));
  for await (const { path, entry } of walk(rom, '/'))
    if (entry.kind === 'directory') await tree.mkdir(path);
    else await tree.write(path, rom.read(path));
  await work(tree);
  return romOf(await gatherFrom(tree, '/'));
}
