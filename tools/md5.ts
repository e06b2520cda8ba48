import { createHash } from 'node:crypto';

/** The MD5 of bytes. (The page has another file in the place of this one: browsers have no MD5.) */
export function md5(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('md5').update(bytes).digest());
}
