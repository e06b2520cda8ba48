import { le32, putLe32 } from '../../../modules/engine';

/** The MD5 digest (RFC 1321) of `data`, 16 bytes. For the few hundred bytes of a partition table: small, not fast. */
export function md5(data: Uint8Array): Uint8Array {
  const length = data.length;
  const padded = new Uint8Array((((length + 8) >> 6) + 1) * 64);
  padded.set(data);
  padded[length] = 0x80;
  putLe32(padded, padded.length - 8, length * 8);
  const shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
  const state = new Int32Array([0x67452301, -0x10325477, -0x67452302, 0x10325476]);
  for (let at = 0; at < padded.length; at += 64) {
    let a = state[0];
    let b = state[1];
    let c = state[2];
    let d = state[3];
    for (let i = 0; i < 64; i++) {
      const round = i >> 4;
      const mixed = !round ? (b & c) | (~b & d) : round < 2 ? (d & b) | (~d & c) : round < 3 ? b ^ c ^ d : c ^ (b | ~d);
      const word = !round ? i : round < 2 ? 5 * i + 1 : round < 3 ? 3 * i + 5 : 7 * i;
      const sum = (mixed + a + Math.floor(Math.abs(Math.sin(i + 1)) * 4294967296) + le32(padded, at + (word & 15) * 4)) | 0;
      const shift = shifts[round * 4 + (i & 3)];
      a = d;
      d = c;
      c = b;
      b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
  }
  const digest = new Uint8Array(16);
  for (let k = 0; k < 4; k++) putLe32(digest, k * 4, state[k]);
  return digest;
}
