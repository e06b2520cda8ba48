/** A chip of serial NOR flash: as its users see it, and what its parts share. */
import type { BlockDevice } from '../../../modules/contract/filesystem';
import type { NativePin, NativeSpi } from '../spi';

export interface SpiFlashOptions {
  /** Bits a second, 8,000,000 by default. */
  baudrate?: number;
  /** All others go to `spi.setup` as they are: on Espruino `sck`, `mosi` and `miso`, unless they are the port's own. */
  [setting: string]: unknown;
}

/**
 * A chip of serial NOR flash (W25Q, GD25Q, MX25L, IS25LP, AT25SF...) in blocks of what it erases at least, usually 4 kB. Extended
 * protocol. Without an offset `writeblocks` reads back what it wrote. Results: -EINVAL for what does not lie in the chip; -EROFS
 * where a part of it is protected; -EIO; -ENODEV once the chip does not answer, until `ioctl(1)` finds it again.
 */
export interface SpiFlashDevice extends BlockDevice {
  /** Bytes that the chip programs at once. */
  progsize: number;
  writeblocks(block: number, buf: Uint8Array, offset?: number): number;
  readblocks(block: number, buf: Uint8Array, offset?: number): number;
  readarray(block: number, offset: number, length: number): Uint8Array | undefined;
  /** 1 also wakes a chip that sleeps, and asks it anew what it is. */
  ioctl(op: number, arg: number): number;
}

export interface SpiFlashConstructor {
  /**
   * @param spi a port, or an object with its `setup`, `send` and `write`
   * @param cs the pin that selects the chip, or an object with `write(level)`
   * @throws ENODEV if there is no chip, or none whose size can be known; TypeError without port and pin, or for a `baudrate` that is
   *   none
   */
  new (spi: NativeSpi, cs: NativePin, options?: SpiFlashOptions): SpiFlashDevice;
}

/** The chip. */
export interface Nor {
  _spi: NativeSpi;
  _cs: NativePin;
  /** 0 once it is started and has answered since; else minus the errno of every use. */
  _status: number;
  /** What it answered to READ_ID. */
  _id: number;
  /** Bytes in all, in an erase block, and in a page, which a program does not cross. */
  _size: number;
  _block: number;
  _page: number;
  /** Whether addresses have four bytes. */
  _wide: boolean;
  /** Commands. */
  _read: number;
  _program: number;
  _erase: number;
  /** A command of one byte. */
  _send(opcode: number): void;
  /** Maker, type and capacity as one number; all bits set, or none, where no chip drives the line. */
  _name(): number;
  /** Waits while the chip programs or erases, at most `limit` ms. Gives its status, or minus an errno. */
  _ready(limit: number): number;
  /** What a failure is: -ENODEV, from then on, where it is no longer that chip that answers; else -EIO. */
  _fail(): number;
}

export const WRITE_ENABLE = 6;
/** In ms. Data sheets have 3 and 400 for the slowest W25Q, and up to some seconds for larger blocks. */
export const PROGRAM_MS = 500;
export const ERASE_MS = 5000;
