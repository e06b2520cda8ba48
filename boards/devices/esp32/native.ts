import { type FlashArea, type NativeFlash, native as shared } from '../native';

export type { FlashArea, NativeFlash };

export interface Native {
  flash: NativeFlash | undefined;
  /** Loads `Flash` when it is first wanted. */
  require: ((name: string) => unknown) | undefined;
}

/** The hardware this board's code reaches. A test or the simulator puts its own in. */
export const native: Native & typeof shared = shared;
