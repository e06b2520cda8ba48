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
