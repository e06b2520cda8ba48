/** What of the flash of an ESP32 is opened, and what of that is written back. */
import { worker } from '../worker';
import { type Chip, chip, choosing, progress, type Region, region, type Told } from './explored';
import { busy, doing, image, keeping, refresh, say, show } from './state';
import { humanSize } from './text';

const told: Told = (done, total) => {
  progress.value = done / total;
};

/** Reads a part of the flash, and opens it as an image. */
export async function openRegion(wanted: Region): Promise<void> {
  const from = chip.value;
  if (!from || busy.value) return;
  await doing(`reading ${wanted.label}`, async () => {
    const bytes = await from.read(wanted.offset, wanted.size, (done, total) => {
      if (!choosing.value) throw new Error(`Reading ${wanted.label} was cancelled.`);
      told(done, total);
    });
    const opened = await worker.openPlace(new Blob([bytes]), `${wanted.label}.bin`);
    region.value = wanted;
    choosing.value = false;
    await show(opened);
  });
}

/** Writes the blocks that were changed back into the flash, after asking. */
export async function writeBack(): Promise<void> {
  const [to, where] = [chip.value, region.value];
  if (!to || !where || busy.value) return;
  await doing('writing', () => keeping(() => write(to, where)));
}

async function write(to: Chip, where: Region): Promise<void> {
  const runs = await worker.differing();
  if (!runs.length) return say('Nothing differs from what is in the flash.');
  const bytes = runs.reduce((sum, one) => sum + one.bytes.length, 0);
  const blocks = Math.ceil(bytes / 4096);
  const question = `Write ${blocks === 1 ? 'one block' : `${blocks} blocks`} of 4 kB into ${where.label} on the ${to.title}? What is there is erased.`;
  if (!confirm(question)) return;
  await to.write(
    runs.map(({ at, bytes: content }) => ({ at: where.offset + at, bytes: content })),
    told,
  );
  await worker.settle();
  await refresh();
  say(`Written: ${humanSize(bytes)}.`);
}

export function chipLost(): void {
  chip.value = region.value = undefined;
  choosing.value = false;
  say(`The connection to the chip was lost.${image.value ? ' What was read of it is still here, to be saved as an image.' : ''}`, true);
}
