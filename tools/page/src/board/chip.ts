/** Bytes of the flash of the page's board: the upper half is the volume. */
export const SIZE = 2 << 20;
export const SECTOR = 4096;
