import { md5 as sum } from 'js-md5';

/** The MD5 of bytes, as `tools/md5.ts` has it for Node. */
export function md5(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(sum.array(bytes));
}
