/** A device. All is optional; what it does not have is ENOSYS. Numbers are as those of a `PrefixDriver`. */
export interface CharDevice {
  /** Called when it is opened, with the flags of `vfs.fd.open`, and again when it is closed. */
  open?(flags: number): number | undefined;
  close?(): unknown;
  /** Reads into `buf`; gives how many bytes, 0 at the end, -11 (EAGAIN) where nothing is there yet. */
  read?(buf: Uint8Array, flags: number): number | undefined;
  write?(bytes: Uint8Array, flags: number): number | undefined;
  fsync?(): number | undefined;
  ioctl?(command: number, argument: unknown): unknown;
  /** As that of a `PrefixDriver`, without the number. */
  select?(events: number, changed?: () => void): unknown;
}
