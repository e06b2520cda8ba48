/** What `require('fs')` gives, for who compiles against it. Node's own types fit wherever both have a member. */

type Options = { encoding?: string | null; mode?: number | string; flag?: string | number } | string | null | undefined;
type Bytes = ArrayBufferView;
type Time = number | string | Date;
/** A `Uint8Array` (on Node a `Buffer`) may stand for a path as well, and a URL. */
export type FsPath = string | Uint8Array | { href: string; pathname: string };
type Callback<T> = (error: FsError | null, value: T) => void;

/** Errors as Node makes them. */
export interface FsError extends Error {
  code: string;
  /** Negative, as Node has it. */
  errno?: number;
  syscall?: string;
  path?: string;
  dest?: string;
}

interface Kinds {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  isBlockDevice(): boolean;
  isCharacterDevice(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
}

/**
 * Node's `fs.Stats`. There are no rights on these volumes: files are 0666 and directories 0777, without the w where the mount is
 * read-only. All four times are that of modification.
 */
export interface FsStats extends Kinds {
  dev: number;
  ino: number;
  mode: number;
  nlink: number;
  uid: number;
  gid: number;
  rdev: number;
  size: number;
  blksize: number;
  blocks: number;
  atimeMs: number;
  mtimeMs: number;
  ctimeMs: number;
  birthtimeMs: number;
  atime: Date;
  mtime: Date;
  ctime: Date;
  birthtime: Date;
  /** On Espruino only, as its own `statSync` has it. */
  dir?: boolean;
}

export interface FsDirent extends Kinds {
  name: string;
  parentPath: string;
  path: string;
}

export interface FsStatFs {
  type: number;
  bsize: number;
  blocks: number;
  bfree: number;
  bavail: number;
  files: number;
  ffree: number;
}

export interface RmOptions {
  recursive?: boolean;
  force?: boolean;
}

export interface CpOptions {
  recursive?: boolean;
  force?: boolean;
  errorOnExist?: boolean;
  filter?: (source: string, destination: string) => boolean;
}

/** The synchronous operations. Each also is there without `Sync`, with a callback as its last argument. */
export interface FsSync {
  openSync(path: FsPath, flags?: string | number, mode?: number | string): number;
  closeSync(fd: number): void;
  readSync(fd: number, buffer: Bytes, offset?: number | object, length?: number, position?: number | null): number;
  writeSync(
    fd: number,
    data: Bytes | string,
    offset?: number | object | null,
    length?: number | string | null,
    position?: number | null,
  ): number;
  readvSync(fd: number, buffers: Bytes[], position?: number | null): number;
  writevSync(fd: number, buffers: Bytes[], position?: number | null): number;
  fstatSync(fd: number): FsStats;
  ftruncateSync(fd: number, length?: number): void;
  fsyncSync(fd: number): void;
  fdatasyncSync(fd: number): void;
  futimesSync(fd: number, atime: Time, mtime: Time): void;
  fchmodSync(fd: number, mode: number | string): void;
  fchownSync(fd: number, uid: number, gid: number): void;
  readFileSync(path: FsPath | number, options?: { encoding?: null; flag?: string } | null): Uint8Array;
  readFileSync(path: FsPath | number, options: { encoding: string; flag?: string } | string): string;
  writeFileSync(path: FsPath | number, data: Bytes | string, options?: Options): void;
  appendFileSync(path: FsPath | number, data: Bytes | string, options?: Options): void;
  copyFileSync(source: FsPath, destination: FsPath, mode?: number): void;
  truncateSync(path: FsPath, length?: number): void;
  statSync(path: FsPath, options: { throwIfNoEntry: false }): FsStats | undefined;
  statSync(path: FsPath, options?: object): FsStats;
  lstatSync(path: FsPath, options: { throwIfNoEntry: false }): FsStats | undefined;
  lstatSync(path: FsPath, options?: object): FsStats;
  existsSync(path: FsPath): boolean;
  accessSync(path: FsPath, mode?: number): void;
  readdirSync(path: FsPath, options: { withFileTypes: true; recursive?: boolean }): FsDirent[];
  readdirSync(path: FsPath, options?: { withFileTypes?: false; recursive?: boolean; encoding?: string | null } | string | null): string[];
  realpathSync(path: FsPath): string;
  readlinkSync(path: FsPath): string;
  statfsSync(path: FsPath): FsStatFs;
  mkdirSync(path: FsPath, options?: { recursive?: boolean; mode?: number | string } | number | string | null): string | undefined;
  rmdirSync(path: FsPath): void;
  renameSync(from: FsPath, to: FsPath): void;
  unlinkSync(path: FsPath): void;
  mkdtempSync(prefix: string): string;
  utimesSync(path: FsPath, atime: Time, mtime: Time): void;
  lutimesSync(path: FsPath, atime: Time, mtime: Time): void;
  chmodSync(path: FsPath, mode: number | string): void;
  lchmodSync(path: FsPath, mode: number | string): void;
  chownSync(path: FsPath, uid: number, gid: number): void;
  lchownSync(path: FsPath, uid: number, gid: number): void;
  symlinkSync(target: string, path: FsPath, type?: string): void;
  linkSync(from: FsPath, to: FsPath): void;
  rmSync(path: FsPath, options?: RmOptions): void;
  cpSync(source: FsPath, destination: FsPath, options?: CpOptions): void;
}

type Sync = FsSync;
type Named<K> = K extends `${infer N}Sync` ? N : never;
type Result<N extends string> = `${N}Sync` extends keyof Sync ? ReturnType<Sync[`${N}Sync`]> : never;

/** Each with a callback last, which gets the error or null, and the value. @throws TypeError for arguments, at once */
export type FsCallbacks = { [N in Named<keyof Sync>]: (first: unknown, ...others: unknown[]) => void };

/** A set of numbers as Node's `fs.constants`, Linux values. */
export type FsConstants = { readonly [name: string]: number };

/** Each as the synchronous one. */
export type FsPromises = {
  [N in Exclude<Named<keyof Sync>, 'exists' | 'open'>]: (first: unknown, ...others: unknown[]) => Promise<Result<N>>;
} & {
  open(path: FsPath, flags?: string | number, mode?: number | string): Promise<FsFileHandle>;
  readFile(path: FsPath, options: { encoding: string; flag?: string } | string): Promise<string>;
};

export interface FsFileHandle {
  readonly fd: number;
  read(buffer: Bytes, offset?: number | object, length?: number, position?: number | null): Promise<{ bytesRead: number; buffer: Bytes }>;
  write(
    data: Bytes | string,
    offset?: number | null,
    length?: number | string | null,
    position?: number | null,
  ): Promise<{ bytesWritten: number }>;
  readFile(options?: Options): Promise<Uint8Array | string>;
  writeFile(data: Bytes | string, options?: Options): Promise<void>;
  appendFile(data: Bytes | string, options?: Options): Promise<void>;
  stat(): Promise<FsStats>;
  truncate(length?: number): Promise<void>;
  sync(): Promise<void>;
  datasync(): Promise<void>;
  utimes(atime: Time, mtime: Time): Promise<void>;
  chmod(mode: number | string): Promise<void>;
  chown(uid: number, gid: number): Promise<void>;
  close(): Promise<void>;
}

interface StreamOptions {
  flags?: string;
  encoding?: string | null;
  fd?: number;
  start?: number;
  autoClose?: boolean;
  highWaterMark?: number;
}
export type WriteStreamOptions = StreamOptions;
export type ReadStreamOptions = StreamOptions & { end?: number };

interface FsStream {
  // biome-ignore lint/suspicious/noExplicitAny: each event has arguments of its own
  on(event: string, listener: (...values: any[]) => void): this;
  // biome-ignore lint/suspicious/noExplicitAny: each event has arguments of its own
  once(event: string, listener: (...values: any[]) => void): this;
  destroy(error?: Error): this;
}
export interface FsReadStream extends FsStream, AsyncIterable<Uint8Array | string> {
  readonly bytesRead: number;
  pause(): this;
  resume(): this;
  pipe<T>(to: T, options?: { end?: boolean }): T;
}
export interface FsWriteStream extends FsStream {
  readonly bytesWritten: number;
  write(chunk: Bytes | string, encoding?: unknown, done?: (error?: Error | null) => void): boolean;
  end(chunk?: unknown, encoding?: unknown, done?: () => void): this;
}

export interface Fs extends FsSync, FsCallbacks {
  constants: FsConstants;
  /** Node's `fs.promises` with `FileHandle`s; undefined where the engine has no promises. */
  promises: FsPromises;
  /** Events `open`, `ready`, `data`, `end`, `error`, `close`; `pipe`, `pause`, `resume`, `destroy`; async iteration where the engine has it. */
  createReadStream(path: FsPath, options?: ReadStreamOptions | string | null): FsReadStream;
  /** `write`, `end`, `destroy`; events `open`, `ready`, `drain`, `finish`, `error`, `close`. */
  createWriteStream(path: FsPath, options?: WriteStreamOptions | string | null): FsWriteStream;
  Stats: unknown;
  Dirent: unknown;
}

/** What a value is where the name of the operation is known. */
export type FsResult<N extends string> = Result<N>;
export type FsCallback<T> = Callback<T>;
export type FsTime = Time;

/** What the parts of `fs` share: the object itself, with what only they see. @internal */
export interface Face extends Fs {
  /** The system call that errors name, and the path if it is not the first argument. */
  _syscall: string;
  _where: string | undefined;
  Stats: new (entry: number[], readonly: boolean) => FsStats;
  Dirent: new (name: string, parent: string, type: number) => FsDirent;
  /** Has it called when the script that runs now has ended; at once where the engine has no events. */
  _later(work: () => void): void;
  /** @throws TypeError, or RangeError, with Node's code */
  _bad(code: string, name: string): never;
  /** An argument that is an encoding, an object of options, or nothing. @throws TypeError */
  _options(value: unknown): FsOptions;
}

export interface FsOptions {
  encoding?: string | null;
  flag?: string | number;
  mode?: number;
  recursive?: boolean;
  force?: boolean;
  errorOnExist?: boolean;
  withFileTypes?: boolean;
  throwIfNoEntry?: boolean;
  filter?: (source: string, destination: string) => boolean;
  offset?: number;
  length?: number;
  position?: number | null;
}

/** An operation of a part. */
export type Operation = (args: unknown[], face: Face) => unknown;
