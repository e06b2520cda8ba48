/**
 * How block 0 or 1 begins while the volume is being laid out anew, "mvfs" as a number, and behind it which layout. No FAT
 * begins so, and where littlefs has its revisions it would take two thousand million of them.
 */
export const MARK = 0x7366766d;
/** An empty volume, "mkfs". */
export const LAYOUT_EMPTY = 0x73666b6d;
/** A factory reset, "rset". */
export const LAYOUT_RESET = 0x74657372;
