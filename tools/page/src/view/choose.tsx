import { useEffect, useRef } from 'preact/hooks';
import type { PartitionEntry } from '../../../partition-entry';
import { openRegion } from './chip-state';
import { chip, choosing } from './explored';
import { busy, closeImage, image } from './state';
import { humanSize } from './text';

const hex = (place: number): string => `0x${place.toString(16)}`;

/** Asks what of the flash of a chip is to be read. */
export function Choose() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const from = chip.value;
  if (!from) return null;
  const all: PartitionEntry = { label: 'all of it', type: 0, subtype: 0, offset: 0, size: from.size };
  return (
    <dialog
      ref={dialog}
      aria-labelledby="choose-title"
      onClose={() => {
        choosing.value = false;
        // With nothing of it open there is nothing to be connected for.
        if (!image.value) closeImage();
      }}
    >
      <h2 id="choose-title">What of the flash?</h2>
      <p class="quiet">
        {from.title}, {humanSize(from.size)}. It is read as a whole and shown as an image; nothing is written unless you say so.
      </p>
      {from.problem && <p class="trouble">{from.problem}</p>}
      <ul class="choices">
        {[...from.partitions, all].map((one) => (
          <li key={one.label}>
            <button type="button" disabled={one.offset + one.size > from.size || !!busy.value} onClick={() => openRegion(one)}>
              <b>{one.label}</b>
              <span>
                {kindOf(one)}
                {humanSize(one.size)} at {hex(one.offset)}
                {one.flags && one.flags & 1 ? ', encrypted' : ''}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <div class="bar">
        <button type="button" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
      </div>
    </dialog>
  );
}

/** What a table says of data, whatever is there: MicroPython's littlefs is marked as FAT. */
const KINDS: { [subtype: number]: string } = { 129: 'marked as FAT, ', 130: 'marked as SPIFFS, ', 131: 'marked as littlefs, ' };

function kindOf({ label, type, subtype }: { label: string; type: number; subtype: number }): string {
  if (label === 'all of it') return '';
  return type === 0 ? 'program, ' : (KINDS[subtype] ?? '');
}
