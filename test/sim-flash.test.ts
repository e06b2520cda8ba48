/// <reference types="espruino-typescript-types" />
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { espruinoFlash, NorFlash } from '../boards/sim';

function chip() {
  const nor = new NorFlash({ size: 4 * 1024 * 1024, eraseSize: 4096, progSize: 4 });
  return { nor, flash: espruinoFlash(nor) };
}

test('the declared Flash has what the published types of Espruino have', () => {
  // The compiler checks it. Their results are `any`.
  const published: Pick<typeof Flash, 'getPage' | 'getFree' | 'erasePage' | 'write' | 'read'> = chip().flash;
  assert.type(published.erasePage, 'function');
});

test('getPage gives 4 kB pages up to 4 MB and nothing beyond', () => {
  const { flash } = chip();
  assert.equal(flash.getPage(0x8123), { addr: 0x8000, length: 4096 });
  assert.equal(flash.getPage(0x3fffff), { addr: 0x3ff000, length: 4096 });
  assert.is(flash.getPage(0x400000), undefined);
});

test('getFree gives the fixed list', () => {
  assert.equal(chip().flash.getFree()[0], { addr: 0xe000, length: 0x2000 });
});

test('read gives a new array each time, and nothing for no length', () => {
  const { flash } = chip();
  const a = flash.read(8, 0)!;
  a[0] = 1;
  assert.is(flash.read(8, 0)![0], 255);
  assert.is(flash.read(0, 0), undefined);
  assert.is(flash.read(-1, 0), undefined);
});

test('writes of any alignment become whole words and keep the bytes around', () => {
  for (let start = 0; start < 4; start++) {
    for (let length = 1; length < 13; length++) {
      const { nor, flash } = chip();
      flash.write(new Uint8Array(16).fill(0xaa), 0);
      const expected = new Uint8Array(32).fill(0xff);
      expected.fill(0xaa, 0, 16);
      const data = new Uint8Array(length).fill(0x0f);
      flash.write(data, 16 + start - 2);
      for (let i = 0; i < length; i++) expected[14 + start + i] &= 0x0f;
      assert.equal(flash.read(32, 0), expected, `${length} bytes at ${start}`);
      assert.is(nor.counters.programBytes % 4, 0);
    }
  }
});

test('write takes strings, numbers, arrays, nested arrays and typed arrays', () => {
  const { flash } = chip();
  flash.write('AB', 0);
  flash.write(0x43, 2);
  flash.write([0x44, [0x45, 'F']], 3);
  flash.write(new Uint16Array([0x147]), 6);
  assert.equal([...flash.read(8, 0)!], [0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 255]);
});

test('write refuses views and plain objects with TypeError, and undefined', () => {
  const { nor, flash } = chip();
  for (const data of [new DataView(new ArrayBuffer(4)), {}, true, null]) {
    try {
      flash.write(data, 0);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, TypeError);
    }
  }
  assert.throws(() => flash.write(undefined, 0), 'Data is not defined');
  assert.is(nor.counters.programs, 0);
});

test('erasePage takes any address in the page, whole numbers only', () => {
  const { flash } = chip();
  flash.write([1, 2, 3, 4], 4096);
  flash.erasePage(4096 + 77);
  assert.is(flash.read(1, 4096)![0], 255);
  assert.throws(() => flash.erasePage(4096.5), /Address should be an integer/);
  assert.throws(() => flash.erasePage('4096' as never), /Address should be an integer/);
});

test('failures are not reported', () => {
  const { nor, flash } = chip();
  nor.arm('fail', 1);
  flash.write([0, 0, 0, 0], 0);
  assert.is(flash.read(1, 0)![0], 255);
  flash.write([0, 0, 0, 0], 0);
  nor.arm('fail', 1);
  flash.erasePage(0);
  assert.is(flash.read(1, 0)![0], 0);
});

test.run();
