import { useRef } from 'preact/hooks';
import { connectBluetooth, connectChip, connectSerial, noBluetooth, noSerial } from './connect';
import { ofFiles } from './given';
import { making, openGiven, trying } from './state';

/** What is there before anything is open. */
export function Start() {
  const file = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (event: { currentTarget: HTMLInputElement }, whole: boolean): void => {
    const given = ofFiles(event.currentTarget.files ?? []);
    if (whole && given.length) making.value = { given, from: 'files' };
    else openGiven(given);
    event.currentTarget.value = '';
  };
  return (
    <div class="start">
      <section class="drop" aria-label="Open">
        <h2>Drop an image here</h2>
        <p>
          FAT, exFAT, littlefs 1 and 2, ROMFS; the whole flash of an ESP32; a card with partitions. It is read from where it is and stays on
          this computer.
        </p>
        <p class="row">
          <button type="button" class="main" onClick={() => file.current?.click()}>
            Open an image…
          </button>
          <input ref={file} type="file" hidden aria-label="Image or zip file" onChange={(event) => take(event, false)} />
        </p>
      </section>
      <section aria-label="Other ways to begin">
        <h2>Or begin with</h2>
        <ul class="ways">
          <li>
            <button type="button" onClick={() => (making.value = { given: [], from: 'files' })}>
              A new image…
            </button>
            <span>of any format and size, empty</span>
          </li>
          <li>
            <button type="button" onClick={() => folder.current?.click()}>
              A folder…
            </button>
            <span>an image is made of what is in it; a zip file that you drop, too</span>
            <input
              ref={folder}
              type="file"
              hidden
              {...{ webkitdirectory: true }}
              aria-label="Folder"
              onChange={(event) => take(event, true)}
            />
          </li>
          <li>
            <button type="button" disabled={!!noSerial} onClick={connectSerial}>
              A board on USB…
            </button>
            <span>{noSerial || 'its files, its console; with our vfs or to put it there'}</span>
          </li>
          <li>
            <button type="button" disabled={!!noBluetooth} onClick={connectBluetooth}>
              A board over Bluetooth…
            </button>
            <span>{noBluetooth || 'the same for Puck.js, Bangle.js and their like'}</span>
          </li>
          <li>
            <button type="button" disabled={!!noSerial} onClick={connectChip}>
              The flash of an ESP32…
            </button>
            <span>{noSerial || 'whatever runs on it: MicroPython, Arduino, ESP-IDF, Espruino'}</span>
          </li>
          <li>
            <button type="button" onClick={() => (trying.value = true)}>
              A simulated board
            </button>
            <span>its console, and its flash while it changes</span>
          </li>
        </ul>
      </section>
    </div>
  );
}
