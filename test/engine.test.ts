import { crc32 as zlibCrc } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EIO, ENOENT, vfsError } from '../modules/contract/errno';
import { be32, byteText, copy, crc32, decodeText, encodeText, equal, fill, le32, now, putLe32 } from '../modules/engine';

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'utf8'));

test('text of every length of character goes to UTF-8 and back as Node does it', () => {
  for (const text of [
    '',
    'plain',
    'h\u00e9\u20ac\u{1d11e}z',
    '\u007f\u0080\u07ff\u0800\uffff\u{10000}\u{10ffff}',
    '\u{1f600}'.repeat(200),
  ]) {
    assert.equal([...encodeText(text)], [...bytes(text)]);
    assert.is(decodeText(bytes(text)), text);
  }
});

test('lone surrogates are written as U+FFFD', () => {
  for (const text of ['\ud800', 'a\udc00b', '\ud800\ud800\udc00', '\udbff']) assert.equal([...encodeText(text)], [...bytes(text)]);
});

test('every pair of bytes and every invalid sequence decodes without an exception to something that encodes', () => {
  for (let a = 0; a < 256; a++)
    for (let b = 0; b < 256; b += 3) {
      const text = decodeText(new Uint8Array([a, b, 0x41]));
      assert.is(text.charAt(text.length - 1), 'A');
      assert.ok(encodeText(text).length > 0);
    }
  for (const raw of [[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe0, 0x80, 0x80], [0xf8], [0xff, 0xfe]])
    assert.is(decodeText(new Uint8Array(raw)), '\ufffd'.repeat(raw.length));
  assert.is(decodeText(new Uint8Array([0xef, 0xbf, 0xbd])), '\ufffd');
});

test('text without marks is its own byte text', () => {
  assert.is(byteText('\u20ac'), '\u20ac');
});

test('crc32 is the register of CRC-32, and goes on from a running value', () => {
  const data = new Uint8Array(1000).map((_, i) => i * 7);
  for (const n of [0, 1, 3, 4, 5, 255, 1000]) {
    const part = data.subarray(0, n);
    const whole = typeof zlibCrc === 'function' ? ~zlibCrc(part) : crc32(-1, part);
    assert.is(crc32(-1, part) | 0, whole | 0);
    for (const cut of [0, 1, 4, n >> 1]) assert.is(crc32(crc32(-1, part.subarray(0, cut)), part.subarray(cut)), crc32(-1, part));
  }
  assert.is(~crc32(-1, bytes('123456789')) >>> 0, 0xcbf43926);
});

test('fill, copy and equal work on views of any length', () => {
  for (const n of [0, 1, 2, 3, 7, 64, 100]) {
    const whole = new Uint8Array(n + 2);
    fill(whole.subarray(1, n + 1), 0xab);
    assert.equal([...whole], [0, ...new Array(n).fill(0xab), 0]);
    assert.ok(equal(whole, whole.slice()));
    if (n) assert.not(equal(whole.subarray(1), whole.subarray(0, n + 1)));
  }
  assert.not(equal(new Uint8Array(2), new Uint8Array(3)));
  const overlapping = new Uint8Array([1, 2, 3, 4]);
  copy(overlapping, 1, overlapping.subarray(0, 3));
  assert.equal([...overlapping], [1, 1, 2, 3]);
});

test('32-bit words are read and stored in both orders', () => {
  const buf = new Uint8Array(6);
  putLe32(buf, 1, -2);
  assert.equal([...buf], [0, 0xfe, 0xff, 0xff, 0xff, 0]);
  assert.is(le32(buf, 1), -2);
  assert.is(be32(new Uint8Array([0x80, 0, 0, 1]), 0), -0x7fffffff);
  assert.ok(Math.abs(now() - Date.now()) < 1000);
});

test('an error carries code, errno, operation and path, and says them', () => {
  const error = vfsError(ENOENT, 'open', '/x');
  assert.instance(error, Error);
  assert.is(error.code, 'ENOENT');
  assert.is(error.errno, 2);
  assert.is(error.operation, 'open');
  assert.is(error.path, '/x');
  assert.is(error.message, "ENOENT: no such file or directory, open '/x'");
  assert.is(vfsError('EXDEV', 'rename').message, 'EXDEV: on another mount, rename');
  assert.is(vfsError(-EIO, 'read').code, 'EIO');
  assert.is(vfsError(EIO, 'read', '/y', 'torn').message, "EIO: torn, read '/y'");
  // A user's own number stays.
  assert.is(vfsError(9999, 'read').code, 'E9999');
  assert.is(vfsError(-9999, 'read').errno, 9999);
});

test.run();
