/** Espruino's utility object, as far as the engine layer uses it. */
export interface EspruinoE {
  CRC32(data: Uint8Array): number;
  toString(data: Uint8Array): string | undefined;
  /** Absent from the smallest builds. */
  sum?(data: Uint8Array): number;
}

declare const E: EspruinoE | undefined;

/** Espruino's `E`, or undefined on every other engine: `portable.lazy.ts` stands for it there. */
export const espruinoE: EspruinoE | undefined = typeof E !== 'undefined' && E.CRC32 !== undefined ? E : undefined;

export const isEspruino: boolean = !!espruinoE;
