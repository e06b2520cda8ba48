/** What a case of the suite is run with. */
import type { BlockDevice, FileSystem } from '../../modules/contract/filesystem';
import type * as Vfs from '../../modules/vfs';

export interface SuiteEnv {
  vfs: typeof Vfs;
  /** A file system over a fresh, formatted medium, not mounted. About 64 kB at least. */
  makeVolume(): FileSystem;
  /** Another object over the medium of that volume, as after a restart. */
  reopen(volume: FileSystem): FileSystem;
  /** A blank block device that a registered file system can format; without it autodetection is not tried. */
  makeDevice?(): BlockDevice;
  print(text: string): void;
  caps: {
    /** The file system object has getattr, setattr, removeattr. */
    attrs: boolean;
    /** Strings are bytes (Espruino). */
    byteStrings: boolean;
    /** `stat` gives times, as long as the engine has a clock. */
    mtime: boolean;
    /** Others take and give room meanwhile: what is free tells nothing. */
    sharedRoom?: boolean;
    /** Names obey FAT's rules: no `\\`, no dot at the end. */
    fatNames?: boolean;
  };
}

/** What a case is run with: assertions, and the volume mounted at `/`. */
export class Tester {
  env: SuiteEnv;
  vfs: typeof Vfs;
  volume: FileSystem;

  constructor(env: SuiteEnv) {
    this.env = env;
    this.vfs = env.vfs;
    this.volume = env.makeVolume();
    env.vfs.mount(this.volume, '/');
  }

  /** Unmounts the volume and mounts it again, as after a restart. */
  remount(): void {
    this.vfs.umount('/');
    this.volume = this.env.reopen(this.volume);
    this.vfs.mount(this.volume, '/');
  }

  ok(value: unknown, what: string): void {
    if (!value) throw new Error('not true: ' + what);
  }

  /** Numbers, strings and booleans as they are, arrays of them by content. */
  equal(actual: unknown, expected: unknown, what?: string): void {
    if (actual === expected) return;
    const a = JSON.stringify(actual);
    const e = JSON.stringify(expected);
    if (a !== e || typeof actual !== typeof expected) throw new Error((what ? what + ': ' : '') + 'got ' + a + ', expected ' + e);
  }

  bytes(actual: unknown, expected: ArrayLike<number>, what?: string): void {
    const data = actual as Uint8Array;
    if (!(data instanceof Uint8Array)) throw new Error('no Uint8Array: ' + actual);
    this.equal(data.length, expected.length, (what || 'bytes') + ' length');
    for (let i = 0; i < data.length; i++) if (data[i] !== expected[i]) this.equal(data[i], expected[i], (what || 'byte') + ' ' + i);
  }

  /** `run` throws an error of that code, complete in every part. */
  throws(code: string, run: () => void, operation?: string, path?: string): void {
    let error: Vfs.VfsError | undefined;
    try {
      run();
    } catch (caught) {
      error = caught as Vfs.VfsError;
    }
    if (!error) throw new Error('nothing thrown, expected ' + code);
    if (error.code !== code) throw new Error('got ' + (error.message || error) + ', expected ' + code);
    this.ok(error instanceof Error, 'instanceof Error');
    this.ok(error.errno > 0, 'errno is positive');
    this.equal(error.message.indexOf(code + ': '), 0, 'message begins with the code: ' + error.message);
    if (operation !== undefined) {
      this.equal(error.operation, operation, 'operation');
      this.ok(error.message.indexOf(operation) > 0, 'the message names the operation: ' + error.message);
    }
    if (path !== undefined) {
      this.equal(error.path, path, 'path');
      this.ok(error.message.indexOf(path) > 0, 'the message names the path: ' + error.message);
    }
  }

  typeError(run: () => void): void {
    let error: unknown;
    try {
      run();
    } catch (caught) {
      error = caught;
    }
    this.ok(error instanceof TypeError, 'TypeError, got ' + error);
  }

  /** A string as this engine has it, from its UTF-16 and its UTF-8 form. */
  native(text: string, utf8: number[]): string {
    if (!this.env.caps.byteStrings) return text;
    let bytes = '';
    for (let i = 0; i < utf8.length; i++) bytes += String.fromCharCode(utf8[i]);
    return bytes;
  }

  put(path: string, data: string | Uint8Array): void {
    const file = this.vfs.open(path, 'w');
    file.write(data);
    file.close();
  }

  get(path: string): string {
    const file = this.vfs.open(path);
    const text = file.read() as string;
    file.close();
    return text;
  }

  /** The names in a directory, sorted. */
  names(path?: string): string[] {
    return this.vfs.listdir(path).sort();
  }
}

export interface Case {
  name: string;
  run(t: Tester): void;
}

/** Bytes that repeat nowhere near: a shift register's. */
export function pattern(length: number, seed: number): Uint8Array {
  const data = new Uint8Array(length);
  let x = (seed + 1) * 40503;
  for (let i = 0; i < length; i++) {
    x = (x >> 1) ^ (x & 1 ? 0xb400 : 0);
    data[i] = x;
  }
  return data;
}
