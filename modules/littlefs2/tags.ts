/** What tags and logs of littlefs 2 have beside their types: littlefs SPEC.md, "Metadata tags". */
export * from '../littlefs/tags';

/** The id of tags that are not about a file. */
export const NO_ID = 0x3ff;
/** The length of a tag that deletes an attribute. */
export const DELETED = 0x3ff;
/** The null pointer of tails and empty lists. */
export const NULL = -1;

/** The user attribute that is MicroPython's time of modification: u64 nanoseconds since 1970. */
export const MTIME = 0x301;
/** The user attribute `t` of ESP-IDF and Arduino: seconds since 1970, of 4 or 8 bytes. */
export const SECONDS = 0x374;

/** The data of tags that have none. */
export const NOTHING = new Uint8Array(0);

/** The first word of the global state while entry 0 is on the move (SPEC.md, "Move state"). */
export const MOVE = 0x4ff00000;

/** How much of the global state a commit brings to the disk: nothing, for a pair that is not on the thread yet; */
export const NO_STATE = 0;
/** what a dropped pair held, for a pair that is moved and whose old self stays on the thread for now; */
export const DROPPED_STATE = 1;
/** or all that is wanted. */
export const ALL_STATE = 2;

/** What a compacted log needs besides the entries, in bytes: revision, tail, global state, CRC. Entries always leave room for it. */
export const RESERVE = 40;

/** What there is to do with an open file that is written: make what was written so far its list, */
export const FLUSH = 0;
/** make its content what its entry says, */
export const SYNC = 1;
/** write at a position, */
export const WRITE = 2;
/** or cut it off. */
export const CUT = 3;

/** The smallest block. */
export const LEAST_BLOCK = 128;
/** Where in the first block its name and block size lie, as every driver writes them (SPEC.md, "Superblock"). */
export const MARK_AT = 8;
export const SIZE_AT = 24;
