/** SPI and pins of ECMA-419 in the shape of Espruino's, which the drivers of cards and chips take. */
import { expect } from '../../../modules/contract/errno';
import type { NativePin, NativeSpi, SpiData } from '../spi';
import { bytesOf } from '../spi-bytes';
import type { EcmaDigital, EcmaSpi, EcmaSpiPort } from './ecma419-io';

/**
 * @param SPI the class, `device.io.SPI`
 * @param options of its constructor: pins, port. `hz` is the driver's; `select` is left out, since the driver has a pin of its own for that
 */
export function ecma419Spi(SPI: EcmaSpi, options: { [name: string]: unknown }): NativeSpi {
  expect(typeof SPI === 'function', 'SPI');
  expect(options && typeof options === 'object', 'options');
  let port: EcmaSpiPort | undefined;
  function transfer(data: number | SpiData): Uint8Array {
    const bytes = bytesOf(data);
    (port as EcmaSpiPort).transfer(bytes);
    return bytes;
  }
  return {
    setup: function (settings: { [name: string]: unknown }): void {
      const wanted: { [name: string]: unknown } = {};
      for (const name in options) if (name !== 'select' && name !== 'active') wanted[name] = options[name];
      wanted.hz = settings.baud;
      const before = port;
      // Also where the next cannot be made, or this one not be closed.
      port = undefined;
      if (before) before.close();
      port = new SPI(wanted);
    },
    send: function (data: number | SpiData) {
      const got = transfer(data);
      return typeof data === 'number' ? got[0] : got;
    },
    write: function () {
      for (let i = 0; i < arguments.length; i++) transfer(arguments[i]);
    },
  } as NativeSpi;
}

/** @param Digital the class, `device.io.Digital` @param pin its number, or what names it on the host */
export function ecma419Pin(Digital: EcmaDigital, pin: unknown): NativePin {
  expect(typeof Digital === 'function', 'Digital');
  const output = new Digital({ pin: pin, mode: Digital.Output });
  return {
    write: function (level: boolean | number): void {
      output.write(level ? 1 : 0);
    },
  };
}
