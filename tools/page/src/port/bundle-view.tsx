import { useSignal } from '@preact/signals';
import { sizeOf } from '../../../places/size';
import type { Uploaded } from '../../../port/upload';
import { checkVolume } from '../../../port/upload';
import { live, progress } from '../view/explored';
import { change, doing, say } from '../view/state';
import { humanSize } from '../view/text';
import { bundleFiles, families } from './bundles';
import { familyOf } from './family';

/** Puts `require('vfs')` onto the board. */
export function Bundle() {
  const family = useSignal(familyOf(live.value?.board ?? ''));
  const volume = useSignal(false);
  const size = useSignal('128K');
  const start = useSignal(true);
  const uploaded = useSignal<Uploaded[]>([]);
  const upload = (): Promise<boolean> =>
    doing('uploading', async () => {
      uploaded.value = [];
      const bytes = volume.value ? sizeOf(size.value, 'the volume') : undefined;
      checkVolume(bytes);
      const files = await bundleFiles(family.value);
      const options = { boot0: start.value, ...(bytes !== undefined && { volume: bytes }) };
      uploaded.value = (await live.value?.putBundle(files, options, (done, total) => (progress.value = done / total))) ?? [];
    });
  const boot = (): Promise<boolean> =>
    change('booting', async () => {
      const failed = (await live.value?.boot()) ?? [];
      say(failed.length ? failed.join('\n') : 'It has booted.', failed.length > 0);
    });
  return (
    <section aria-label="Bundle" class="about">
      <h2>require('vfs') on the board</h2>
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          upload();
        }}
      >
        <div class="bar">
          <label for="family">Board</label>
          <select id="family" required value={family.value} onChange={(event) => (family.value = event.currentTarget.value)}>
            <option value="">choose…</option>
            {families.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
          <span class="quiet">its default bundle; others: microvfs upload --bundle</span>
        </div>
        <div class="bar">
          <label class="flag">
            <input type="checkbox" checked={start.value} onChange={(event) => (start.value = event.currentTarget.checked)} /> boot its
            volume at each start
          </label>
        </div>
        <div class="bar">
          <label class="flag">
            <input type="checkbox" checked={volume.value} onChange={(event) => (volume.value = event.currentTarget.checked)} /> make a
            volume in Storage first, of
          </label>
          <input
            aria-label="Size of the volume"
            disabled={!volume.value}
            value={size.value}
            onInput={(event) => (size.value = event.currentTarget.value)}
          />
          <span class="quiet">for boards whose flash has no free place</span>
        </div>
        <div class="bar">
          <button type="submit" class="main" disabled={!family.value}>
            Upload
          </button>
          <button type="button" onClick={boot}>
            Boot now
          </button>
          <span class="quiet">mounts its volume and runs its scripts</span>
        </div>
      </form>
      {uploaded.value.length > 0 && (
        <ul aria-label="Uploaded">
          {uploaded.value.map(({ name, size: bytes, written }) => (
            <li key={name}>
              <b>{name}</b>: {humanSize(bytes)}, {written ? 'written' : 'there already'}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
