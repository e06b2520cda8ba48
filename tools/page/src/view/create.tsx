import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { MadeFormat, NewImage } from '../worker/api';
import { image, make, making } from './state';

const FORMATS: [MadeFormat, string][] = [
  ['lfs2', 'littlefs 2'],
  ['lfs1', 'littlefs 1'],
  ['fat', 'FAT'],
  ['exfat', 'exFAT'],
  ['rom', 'ROMFS'],
];

interface Field {
  name: 'blockSize' | 'progSize' | 'nameMax' | 'diskVersion' | 'label' | 'clusterSize';
  title: string;
  hint: string;
  formats: MadeFormat[];
}

const FIELDS: Field[] = [
  { name: 'blockSize', title: 'Block size', hint: '4096', formats: ['lfs2', 'lfs1'] },
  { name: 'blockSize', title: 'Sector size', hint: '512', formats: ['fat', 'exfat'] },
  { name: 'progSize', title: 'Programs at once', hint: '32', formats: ['lfs2', 'lfs1'] },
  { name: 'nameMax', title: 'Longest name', hint: '255', formats: ['lfs2'] },
  { name: 'diskVersion', title: 'Disk version', hint: '2.1', formats: ['lfs2'] },
  { name: 'clusterSize', title: 'Cluster size', hint: 'what suits', formats: ['fat', 'exfat'] },
  { name: 'label', title: 'Label', hint: 'none', formats: ['fat', 'exfat'] },
];

/** Asks what a new image is to be like. */
export function Create() {
  const dialog = useRef<HTMLDialogElement>(null);
  const wanted = making.value as NonNullable<typeof making.value>;
  const converts = wanted.from === 'volume';
  const full = converts || wanted.given.length > 0;
  const format = useSignal<MadeFormat>('lfs2');
  const size = useSignal(full ? 'auto' : '1M');
  const name = useSignal(converts ? (image.value?.name ?? '').replace(/(\.\w+)?$/, '-new$1') : 'image.bin');
  const rest = useSignal<{ [name: string]: string }>({});
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const options = (): NewImage => {
    const made: { [name: string]: unknown } = { name: name.value, fs: format.value, size: size.value };
    for (const { name: field, formats } of FIELDS) {
      const value = rest.value[field];
      if (value && formats.includes(format.value)) made[field] = field === 'nameMax' ? Number(value) : value;
    }
    return made as unknown as NewImage;
  };
  return (
    <dialog ref={dialog} aria-labelledby="create-title" onClose={() => (making.value = undefined)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          make(options(), wanted);
        }}
      >
        <h2 id="create-title">
          {converts ? 'Convert the volume' : full ? `An image of ${wanted.given.length} files and folders` : 'A new image'}
        </h2>
        <div class="field">
          <label for="new-name">File name</label>
          <input id="new-name" required value={name.value} onInput={(event) => (name.value = event.currentTarget.value)} />
        </div>
        <div class="field">
          <label for="new-format">Format</label>
          <select id="new-format" value={format.value} onChange={(event) => (format.value = event.currentTarget.value as MadeFormat)}>
            {FORMATS.map(([value, title]) => (
              <option key={value} value={value}>
                {title}
              </option>
            ))}
          </select>
        </div>
        {format.value !== 'rom' && (
          <div class="field">
            <label for="new-size">Size</label>
            <input id="new-size" required value={size.value} onInput={(event) => (size.value = event.currentTarget.value)} />
            <small>bytes, or as 512K, 4M{full && '; auto: what it needs'}</small>
          </div>
        )}
        {FIELDS.filter(({ formats }) => formats.includes(format.value)).map(({ name: field, title, hint }) => (
          <div key={title} class="field">
            <label for={`new-${field}`}>{title}</label>
            <input
              id={`new-${field}`}
              placeholder={hint}
              value={rest.value[field] ?? ''}
              onInput={(event) => (rest.value = { ...rest.value, [field]: event.currentTarget.value })}
            />
          </div>
        ))}
        <div class="bar">
          <button type="submit" class="main">
            Make it
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  );
}
