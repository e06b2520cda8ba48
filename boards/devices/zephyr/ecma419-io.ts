/** ECMA-419's classes of SPI ports and pins. */

export interface EcmaSpiPort {
  /** Sends a buffer, and leaves there what came back. */
  transfer(buffer: Uint8Array): unknown;
  close(): void;
}

export type EcmaSpi = new (options: { [name: string]: unknown }) => EcmaSpiPort;

export interface EcmaDigital {
  new (options: { pin: unknown; mode: unknown }): { write(level: number): void };
  Output: unknown;
}
