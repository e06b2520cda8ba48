/** Tags: littlefs SPEC.md, "Metadata tags". 11 bits of type, 10 of id, 10 of length. */
export const REG = 0x001;
export const DIR = 0x002;
export const SUPERBLOCK = 0x0ff;
export const DIRSTRUCT = 0x200;
export const INLINESTRUCT = 0x201;
export const CTZSTRUCT = 0x202;
export const USERATTR = 0x300;
export const CREATE = 0x401;
export const DELETE = 0x4ff;
export const CCRC = 0x500;
export const FCRC = 0x5ff;
export const TAIL = 0x600;
export const MOVESTATE = 0x7ff;

/** The id of tags that are not about a file. */
export const NO_ID = 0x3ff;
/** The length of a tag that deletes an attribute. */
export const DELETED = 0x3ff;
/** The null pointer of tails and empty lists. */
export const NULL = -1;

/** The user attribute that is MicroPython's time of modification: u64 nanoseconds since 1970. */
export const MTIME = 0x301;

export function mkTag(type: number, id: number, length: number): number {
  return (type << 20) | (id << 10) | length;
}
