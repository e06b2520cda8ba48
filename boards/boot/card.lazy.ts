/** Opening a card by its wiring: through the firmware's FAT where it has one, else by our own driver. */
import { expect } from '../../modules/contract/errno';
import type { BlockDevice, FileSystem } from '../../modules/contract/filesystem';
import type { NativePin, NativeSpi } from '../devices/spi';
import type { CardWiring } from './types';

/** Espruino's, where its firmware reads cards. */
declare const E: { connectSDCard?(spi: NativeSpi, cs: NativePin): void; unmountSD?(): void } | undefined;

/** What is not for the port or the driver. */
const BOOT = ',spi,cs,firmware,detect,inserted,poll,onCard,';

type Own = new (spi: NativeSpi, cs: NativePin, options: { [setting: string]: unknown }) => BlockDevice;

/**
 * The file system of the firmware, if it has one and can list the card; else the device. A card without FAT, or with what the
 * firmware does not know, is the device's.
 * @throws as the constructor of `SDCard` does
 */
export function openCard(
  wiring: CardWiring,
  own: Own,
  firmware: (new () => FileSystem) | undefined,
  ours: boolean | undefined,
): BlockDevice | FileSystem {
  const options: { [setting: string]: unknown } = {};
  const spi = wiring.spi;
  expect(spi && typeof spi.setup === 'function', 'spi');
  // One that is watched has to be a device of ours.
  const watched = wiring.detect || wiring.poll;
  for (const name in wiring) if (BOOT.indexOf(',' + name + ',') < 0) options[name] = wiring[name];
  // The next look finds one that takes its time.
  if (watched) options.powerUp = 0;
  if (firmware && !ours && !watched && wiring.firmware !== false && typeof E !== 'undefined' && E.connectSDCard) {
    try {
      // The pins, which it does not ask for.
      spi.setup(options);
      E.connectSDCard(spi, wiring.cs);
      const fs = new firmware() as Required<FileSystem>;
      fs.ilistdir('/');
      return fs;
    } catch (_unreadable) {
      if (E.unmountSD) E.unmountSD();
    }
  }
  return new own(spi, wiring.cs, options);
}
