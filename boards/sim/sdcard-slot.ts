/** The slot of an SD card and the SPI port it hangs on, as Espruino gives them to a script. */
import type { NativePin, NativeSpi } from '../devices/spi';
import type { SimSdCard } from './sdcard';
import { simPort, wire } from './spi';

/** A card may be put in, taken out, or taken out after so many bytes. */
export class SimSdSlot {
  card: SimSdCard | undefined = undefined;
  /** What the host reads where no card drives the line: 255 with a pull-up, else perhaps 0. */
  level = 255;
  /** Bytes that went over the wire. */
  bytes = 0;
  baud = 100000;
  /** What the host gave to `setup` last. */
  settings: { [name: string]: unknown } = {};
  readonly spi: NativeSpi;
  readonly cs: NativePin;

  private _selected = false;
  private _removeAt = Infinity;

  constructor(card?: SimSdCard) {
    const exchange = (byte: number): number => this._exchange(byte);
    this.card = card;
    this.cs = { write: (level: boolean | number): void => this._select(!level) };
    this.spi = simPort(exchange, (settings) => {
      this.settings = {};
      for (const name in settings) this.settings[name] = settings[name];
      this.baud = settings.baud === undefined ? 100000 : (settings.baud as number);
    });
  }

  insert(card: SimSdCard): void {
    this.remove();
    this.card = card;
  }

  remove(): void {
    if (this.card) this.card.powerOff();
    this.card = undefined;
    this._removeAt = Infinity;
  }

  /** Takes the card out when so many more bytes have gone over the wire. */
  removeAfter(bytes: number): void {
    this._removeAt = this.bytes + bytes;
  }

  private _select(selected: boolean): void {
    this._selected = selected;
  }

  private _exchange(byte: number): number {
    if (wire.onTime) wire.onTime(8e6 / this.baud);
    if (this.bytes++ >= this._removeAt) this.remove();
    const answer = this.card ? this.card.exchange(byte & 255, this._selected, this.baud) : 255;
    return answer === 255 && !(this.card && this._selected) ? this.level : answer;
  }
}
