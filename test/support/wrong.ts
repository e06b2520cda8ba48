/** Values that hardly any argument takes, and what they have to lead to. */
import * as assert from 'uvu/assert';

export const WRONG: [string, unknown][] = [
  ['text', 'a'],
  ['digits', '1'],
  ['hexadecimal', '0x10'],
  ['empty text', ''],
  ['__proto__', '__proto__'],
  ['NaN', Number.NaN],
  ['-1', -1],
  ['-1e300', -1e300],
  ['1e300', 1e300],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['1.5', 1.5],
  ['an object', {}],
  ['an array', [1]],
  ['what has a value', { valueOf: () => 1 }],
  ['null', null],
  ['true', true],
  ['false', false],
];

/** An argument or option, and a call with a wrong value in its place. */
export interface Wrong {
  /** What the message has to name. */
  name: string;
  call(value: never): unknown;
  /** Values that it does take, by name or by type. */
  takes?: string[];
}

/** Every wrong value ends in a TypeError, or in a coded error; either names the argument. */
export function refusesAll(where: string, one: Wrong, unchanged: () => void): void {
  for (const [what, value] of WRONG) {
    if (one.takes?.some((kind) => kind === what || kind === typeof value)) continue;
    const told = `${where}, ${one.name}: ${what}`;
    let error: (Error & { code?: string; errno?: number }) | undefined;
    try {
      one.call(value as never);
    } catch (caught) {
      error = caught as Error;
    }
    assert.ok(error instanceof Error, `${told}: nothing is thrown`);
    if (!(error instanceof TypeError)) assert.ok(error.code && (error.errno as number) > 0, `${told}: ${error.message}`);
    assert.ok(error.message.includes(one.name), `${told} is not named: ${error.message}`);
    unchanged();
  }
}

/** Every wrong value gives a negative number, or throws. */
export function deviceRefusesAll(where: string, one: Wrong, unchanged: () => void): void {
  for (const [what, value] of WRONG) {
    if (one.takes?.some((kind) => kind === what || kind === typeof value)) continue;
    let status: unknown;
    try {
      status = one.call(value as never);
    } catch (error) {
      status = error instanceof TypeError || (error as { errno?: number }).errno ? -1 : error;
    }
    assert.ok((status as number) < 0, `${where}, ${one.name}: ${what} gives ${status}`);
    unchanged();
  }
}

/** An extended device over bytes that ends what would go on without end. */
export class Medium {
  bytes: Uint8Array;
  calls = 0;
  size: number;

  constructor(size: number, count: number) {
    this.size = size;
    this.bytes = new Uint8Array(size * count).fill(255);
  }
  readblocks(block: number, buf: Uint8Array, offset?: number): void {
    this.note();
    const at = block * this.size + (offset ?? 0);
    buf.set(this.bytes.subarray(at, at + buf.length));
  }
  writeblocks(block: number, buf: Uint8Array, offset?: number): void {
    this.note();
    this.bytes.set(buf, block * this.size + (offset ?? 0));
  }
  ioctl(op: number, arg: number): number {
    if (op === 6) this.bytes.fill(255, arg * this.size, (arg + 1) * this.size);
    return op === 4 ? this.bytes.length / this.size : op === 5 ? this.size : 0;
  }
  note(): void {
    if (++this.calls > 20000) throw new RangeError('the device is asked without end');
  }
}
