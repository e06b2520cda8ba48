/** Kaluma's SPI and pins in the shape of Espruino's, which the drivers of cards and chips take. */
import { expect } from '../../../modules/contract/errno';
import type { NativePin, NativeSpi, SpiData } from '../spi';
import { bytesOf } from '../spi-bytes';
import type { Kaluma, KalumaSpiBus } from './types';

declare const global: Kaluma;

/** A bus by its number. Its pins are those of the board, unless `sck`, `mosi` and `miso` are among the settings. */
export function kalumaSpi(bus: number): NativeSpi {
  expect(typeof bus === 'number', 'bus');
  let port: KalumaSpiBus | undefined;
  function open(settings?: { [setting: string]: unknown }): KalumaSpiBus {
    const before = port;
    // Also where the next cannot be made, or this one not be closed.
    port = undefined;
    if (before) before.close();
    const options: { [setting: string]: unknown } = {};
    for (const name in settings) options[name === 'baud' ? 'baudrate' : name] = settings[name];
    port = new (global.require('spi').SPI)(bus, options);
    return port;
  }
  return {
    setup: function (settings: { [setting: string]: unknown }): void {
      open(settings);
    },
    send: function (data: number | SpiData) {
      const got = (port || open()).transfer(bytesOf(data));
      return typeof data === 'number' ? got[0] : got;
    },
    write: function () {
      for (let i = 0; i < arguments.length; i++) (port || open()).send(bytesOf(arguments[i]));
    },
  } as NativeSpi;
}

/** A pin by its number, as an output. */
export function kalumaPin(pin: number): NativePin {
  expect(typeof pin === 'number', 'pin');
  global.pinMode(pin, global.OUTPUT);
  return {
    write: function (level: boolean | number): void {
      global.digitalWrite(pin, level ? 1 : 0);
    },
  };
}
