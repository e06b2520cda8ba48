/** The same random operations on `fs` of microvfs and on Node's own: what they give, and how they fail, is compared. */
import * as node from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Fs } from '../../modules/fs';
import { pattern, random } from './fat';

/** Nothing here has to last: in memory, where there is such a folder, a sync costs nothing. */
const scratch = node.existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

type Any = Record<string, (...args: unknown[]) => unknown>;

export interface Subject {
  fs: Fs;
  /** Where the volume is mounted. */
  point: string;
  /** Nothing can be changed: what Node does is EROFS. */
  readonly?: boolean;
  /** Times of modification are kept, in steps of so many milliseconds; 0 if `utimes` sets none. */
  mtime: number;
}

/** What came of an operation. */
type Outcome = { value: unknown } | { code: string; errno?: number; syscall?: string; path?: string; dest?: string };

const NAMES = ['a', 'b.txt', 'dir', 'Some Name.text', 'ünï', 'x'];
const FLAGS = ['r', 'r+', 'w', 'wx', 'w+', 'a', 'a+', 'ax', 'as', 'rs+', 'wx+', 'q', 0, 1, 2, 64, 66, 65, 578, 1089, 194, 514, 65536, 1026];

/** Without what is the system's own: inodes, rights, times that nobody set. */
function plain(value: unknown, root: string): unknown {
  if (value instanceof Uint8Array) return 'bytes ' + Buffer.from(value).toString('latin1');
  if (typeof value === 'string') return value.split(root).join('');
  if (Array.isArray(value)) return value.map((one) => plain(one, root)).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const one = value as (node.Stats & node.Dirent) | undefined;
  if (one && typeof one.isFile === 'function') {
    const kinds = [
      one.isFile(),
      one.isDirectory(),
      one.isSymbolicLink(),
      one.isFIFO(),
      one.isSocket(),
      one.isBlockDevice(),
      one.isCharacterDevice(),
    ];
    if (one.name !== undefined) return { kinds, name: one.name, in: plain(one.parentPath, root) };
    assert.is(typeof one.mtimeMs, 'number');
    assert.ok(Math.abs(one.mtime.getTime() - one.mtimeMs) < 1);
    return { kinds, type: one.mode & 0xf000, size: one.isFile() ? one.size : -1 };
  }
  return value;
}

function outcome(fs: Any, root: string, name: string, args: unknown[]): Outcome {
  try {
    return { value: plain(fs[name](...args), root) };
  } catch (thrown) {
    const error = thrown as node.Stats & { code: string; errno: number; syscall: string; path: string; dest: string };
    assert.ok(error instanceof Error);
    if (!error.code || error instanceof assert.Assertion) throw error;
    const strip = (path: string | undefined): string | undefined => path?.split(root).join('');
    const path = strip(error.path);
    const [p, d] = name === 'mkdtempSync' ? [path?.replace(/.{6}$/, ''), undefined] : [path, strip(error.dest)];
    return { code: error.code, errno: error.errno, syscall: error.syscall, path: p, dest: d };
  }
}

export class Differential {
  readonly counts: { [name: string]: number } = {};
  private readonly own: Any;
  private readonly theirs = node as unknown as Any;
  /** What is in the tree of both: for a volume that nothing can be put on by itself. */
  readonly root: string;
  private readonly below: (limit: number) => number;
  private open: { fds: [own: number, node: number]; path: string; writes: boolean }[] = [];
  private kept = '';
  private log: string[] = [];

  constructor(
    readonly subject: Subject,
    readonly seed: number,
  ) {
    this.own = subject.fs as unknown as Any;
    this.root = node.mkdtempSync(join(scratch, 'microvfs-fs-'));
    this.below = random(seed * 2654435 + 1);
  }

  private closeAll(): void {
    for (const one of this.open.splice(0)) {
      this.own.closeSync(one.fds[0]);
      node.closeSync(one.fds[1]);
    }
  }

  end(): void {
    this.closeAll();
    node.rmSync(this.root, { recursive: true, force: true });
    if (this.kept) node.rmSync(this.kept, { recursive: true, force: true });
  }

  /** Does it to both, and compares. */
  same(name: string, own: unknown[], theirs: unknown[]): Outcome {
    const said = `seed ${this.seed}: ${name}(${JSON.stringify(own).slice(0, 200)})`;
    this.log.push(said);
    const before = this.subject.readonly && MUTATORS.test(name) && snapshot(this.root);
    const wanted = outcome(this.theirs, this.root, name, theirs);
    const got = outcome(this.own, this.subject.point, name, own);
    const changed = typeof before === 'string' && before !== snapshot(this.root);
    if (changed) this.restore();
    if (typeof before === 'string' && (changed || JSON.stringify(got) !== JSON.stringify(wanted))) {
      assert.is((got as { code?: string }).code, 'EROFS', `${said}: ${JSON.stringify(got)}, Node ${JSON.stringify(wanted)}`);
      return got;
    }
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    assert.equal(got, wanted, `${said}, after\n${this.log.slice(-12).join('\n')}`);
    return got;
  }

  /** An operation on paths, with what follows them. */
  private onPaths(name: string, paths: string[], ...more: unknown[]): Outcome {
    const at = (root: string) => [...paths.map((path) => root + path), ...more];
    return this.same(name, at(this.subject.point), at(this.root));
  }

  private path(): string {
    let path = '';
    do path += '/' + NAMES[this.below(NAMES.length)];
    while (this.below(3) === 0 && path.length < 60);
    return path + (this.below(40) ? '' : '/');
  }

  /** Files that are there are more interesting than others. */
  private known(): string {
    const all = node.readdirSync(this.root, { recursive: true }) as string[];
    return all.length && this.below(4) ? '/' + all.sort()[this.below(all.length)] : this.path();
  }

  /** Nobody may have it open: that is EBUSY here and nothing to Linux. */
  private free(path: string): void {
    const clean = path.replace(/\/+$/, '');
    this.open = this.open.filter((one) => {
      if (one.path !== clean && !one.path.startsWith(clean + '/')) return true;
      this.same('closeSync', [one.fds[0]], [one.fds[1]]);
      return false;
    });
  }

  private data(): string | Uint8Array {
    const bytes = pattern(this.below(this.below(4) ? 60 : 3000), this.below(100000));
    return this.below(2) ? bytes : Buffer.from(bytes).toString('hex') + (this.below(3) ? '' : 'ünïcödé 😀');
  }

  step(): void {
    const what = STEPS[this.below(STEPS.length)];
    if (this.subject.readonly && !this.kept) this.restore();
    this[what]();
  }

  /** A volume that cannot be changed stays as it is: so does the folder. */
  private restore(): void {
    if (!this.kept) {
      this.kept = node.mkdtempSync(join(scratch, 'microvfs-kept-'));
      node.cpSync(this.root, this.kept, { recursive: true });
      return;
    }
    this.closeAll();
    for (const name of node.readdirSync(this.root)) node.rmSync(join(this.root, name), { recursive: true });
    node.cpSync(this.kept, this.root, { recursive: true });
  }

  read(): void {
    const option = [undefined, 'utf8', 'latin1', 'hex', { encoding: 'base64' }, { flag: 'r' }, 'klingon', null, 'ascii'][this.below(9)];
    this.onPaths('readFileSync', [this.known()], ...(option === undefined ? [] : [option]));
  }

  write(): void {
    const path = this.below(2) ? this.known() : this.path();
    const name = this.below(3) ? 'writeFileSync' : 'appendFileSync';
    this.free(path);
    const data = this.below(30) ? this.data() : (5 as unknown as string);
    const options = this.below(4) ? [] : [[{ flag: 'wx' }, { flag: 'a' }, 'latin1', 'utf8', { flag: 'r+' }, { flag: 'r' }][this.below(6)]];
    this.onPaths(name, [path], data, ...options);
  }

  look(): void {
    const name = ['statSync', 'lstatSync', 'existsSync', 'accessSync', 'realpathSync', 'readlinkSync', 'statSync'][this.below(7)];
    const more =
      name === 'accessSync'
        ? [[undefined, 0, 4, 1, 2, 6, 9][this.below(7)]]
        : name === 'statSync' && !this.below(3)
          ? [{ throwIfNoEntry: false }]
          : [];
    if (name === 'accessSync' && this.subject.readonly && (more[0] as number) & 2) return;
    this.onPaths(name, [this.known()], ...more);
  }

  list(): void {
    const options = [undefined, {}, { withFileTypes: true }, { recursive: true }, 'utf8'][this.below(5)];
    const path = this.below(4) ? this.known() : '';
    // What Node's names below it begin with is its own affair where a slash stands behind it.
    this.onPaths('readdirSync', [path.replace(/\/+$/, '')], options);
  }

  makeDir(): void {
    const recursive = !this.below(3);
    this.onPaths('mkdirSync', [this.path()], ...(recursive ? [{ recursive }] : []));
  }

  remove(): void {
    const path = this.known();
    this.free(path);
    this.onPaths(this.below(3) ? 'unlinkSync' : 'rmdirSync', [path]);
  }

  removeTree(): void {
    const path = this.below(3) ? this.path() : this.known();
    this.free(path);
    this.onPaths('rmSync', [path], ...[[], [{ force: true }], [{ recursive: true }], [{ recursive: true, force: true }]][this.below(4)]);
  }

  rename(): void {
    const [from, to] = [this.known(), this.path()];
    this.free(from);
    this.free(to);
    this.onPaths('renameSync', [from, to]);
  }

  copy(): void {
    const [from, to] = [this.known(), this.below(2) ? this.path() : this.known()];
    this.free(to);
    const fromDir = isDirectory(this.root + from);
    // Of a directory over a file libuv removes the file.
    if (this.below(3) && !(fromDir && node.existsSync(this.root + to)))
      this.onPaths('copyFileSync', [from, to], ...(this.below(3) ? [] : [1]));
    else if (!from.endsWith('/') && !to.endsWith('/'))
      this.onPaths(
        'cpSync',
        [from, to],
        ...[[], [{ recursive: true }], [{ recursive: true, force: false }], [{ recursive: true, force: false, errorOnExist: true }]][
          this.below(4)
        ],
      );
  }

  truncate(): void {
    const path = this.known();
    this.free(path);
    this.onPaths('truncateSync', [path], ...(this.below(4) ? [this.below(200)] : [[], [-4], [1.5], ['x']][this.below(4)]));
  }

  link(): void {
    const path = this.path();
    // What Linux could do, these volumes cannot.
    if (!node.existsSync(this.root + path.replace(/\/+$/, ''))) return;
    const from = this.known();
    if (node.existsSync(this.root + from) && node.statSync(this.root + from).isDirectory()) return;
    this.onPaths('symlinkSync', [from, path.replace(/\/+$/, '')]);
    this.onPaths('linkSync', [from.replace(/\/+$/, ''), path.replace(/\/+$/, '')]);
  }

  rights(): void {
    const path = this.known();
    this.onPaths('chmodSync', [path], [0o777, 0o644, 'x', '755'][this.below(4)]);
    // The test needs its own rights.
    if (node.existsSync(this.root + path)) node.chmodSync(this.root + path, node.statSync(this.root + path).isDirectory() ? 0o755 : 0o644);
    this.onPaths('chownSync', [path], 0, 0);
  }

  times(): void {
    const path = this.known();
    const at = 1e9 + 2 * this.below(1e8);
    this.free(path);
    const result = this.onPaths('utimesSync', [path], at, [at, '' + at, new Date(at * 1000), 'x'][this.below(4)]);
    if (!('value' in result) || !this.subject.mtime) return;
    const [own, theirs] = [this.subject.fs.statSync(this.subject.point + path), node.statSync(this.root + path)];
    if (own.isFile()) assert.ok(Math.abs(own.mtimeMs - theirs.mtimeMs) < this.subject.mtime, `${own.mtimeMs}, Node ${theirs.mtimeMs}`);
  }

  temp(): void {
    const made: string[] = [];
    const prefix = this.known() + (this.below(2) ? '/' : '');
    for (const [fs, root] of [
      [this.theirs, this.root],
      [this.own, this.subject.point],
    ] as [Any, string][]) {
      const got = outcome(fs, root, 'mkdtempSync', [root + prefix]);
      if ('value' in got) {
        assert.ok(String(got.value).startsWith(prefix) && String(got.value).length === prefix.length + 6);
        (fs.rmdirSync as (path: string) => void)(root + got.value);
        made.push('made');
      } else made.push(this.subject.readonly && got.code === 'EROFS' ? made[0] : JSON.stringify(got));
    }
    assert.is(made[1], made[0], `seed ${this.seed}: mkdtempSync ${prefix}`);
  }

  openFile(): void {
    const path = this.below(2) ? this.known() : this.path();
    const flags = FLAGS[this.below(FLAGS.length)];
    const number = typeof flags === 'number' ? flags : -1;
    const writes = number >= 0 ? !!(number & 3) : flags !== 'r';
    const makes = number >= 0 ? number & (64 | 512) : /[wa]/.test(String(flags));
    if (this.subject.readonly && (writes || makes)) return;
    // One writer, or any number of readers.
    if (writes || makes || this.open.some((one) => one.writes && one.path === path.replace(/\/+$/, ''))) this.free(path);
    const [own, theirs] = [this.subject.point + path, this.root + path].map((at, i) => {
      try {
        return { fd: ((i ? this.theirs : this.own).openSync as (path: string, flags: unknown) => number)(at, flags) };
      } catch (error) {
        const { code, errno, syscall, path: where } = error as { code: string; errno: number; syscall: string; path?: string };
        return { code, errno, syscall, path: where?.split(i ? this.root : this.subject.point).join('') };
      }
    });
    this.log.push(`openSync(${path}, ${flags})`);
    if ('fd' in own && 'fd' in theirs)
      this.open.push({ fds: [own.fd as number, theirs.fd as number], path: path.replace(/\/+$/, ''), writes });
    else assert.equal(own, theirs, `seed ${this.seed}: openSync(${path}, ${flags}) after\n${this.log.slice(-12).join('\n')}`);
    this.counts.openSync = (this.counts.openSync ?? 0) + 1;
  }

  useFile(): void {
    if (!this.open.length) {
      this.openFile();
      return;
    }
    const one = this.open[this.below(this.open.length)];
    const both = (name: string, ...args: unknown[]) => this.same(name, [one.fds[0], ...args], [one.fds[1], ...args]);
    const buffers = [Buffer.alloc(40), Buffer.alloc(40)];
    const what = this.below(12);
    const pos = [null, undefined, this.below(100), this.below(3000), -1][this.below(5)];
    if (what < 3) {
      const [offset, length] = this.below(8) ? [this.below(20), this.below(21)] : [this.below(60), this.below(60)];
      this.same('readSync', [one.fds[0], buffers[0], offset, length, pos], [one.fds[1], buffers[1], offset, length, pos]);
      assert.equal(buffers[0], buffers[1], `seed ${this.seed}: what was read, after\n${this.log.slice(-12).join('\n')}`);
    } else if (what < 6) {
      const data = this.data();
      if (typeof data === 'string') both('writeSync', data, pos === -1 ? null : pos, ['utf8', 'latin1', undefined][this.below(3)]);
      else {
        const offset = this.below(data.length + 1);
        both('writeSync', data, offset, this.below(data.length - offset + 2), pos === -1 ? null : pos);
      }
    } else if (what === 6) both('fstatSync');
    else if (what === 7) both('ftruncateSync', ...(this.below(4) ? [this.below(200)] : []));
    else if (what === 8) both(this.below(2) ? 'fsyncSync' : 'fdatasyncSync');
    else if (what === 9) both('readFileSync', ...(this.below(2) ? [] : ['latin1']));
    else if (what === 10) {
      if (this.below(2)) both('writeFileSync', this.data());
      else {
        const views = (bytes: Buffer[]) => [bytes[0].subarray(0, 7), bytes[0].subarray(7)];
        this.same('readvSync', [one.fds[0], views([buffers[0]])], [one.fds[1], views([buffers[1]])]);
        assert.equal(buffers[0], buffers[1]);
        both('writevSync', [Buffer.from('one'), Buffer.from('two')]);
      }
    } else {
      both('closeSync');
      both(['closeSync', 'fstatSync', 'fsyncSync', 'ftruncateSync', 'fdatasyncSync'][this.below(5)]);
      this.open.splice(this.open.indexOf(one), 1);
    }
  }

  /** All of both trees. */
  whole(): void {
    this.same('readdirSync', [this.subject.point, { recursive: true }], [this.root, { recursive: true }]);
    for (const name of node.readdirSync(this.root, { recursive: true }) as string[]) {
      this.onPaths('statSync', ['/' + name]);
      if (node.statSync(join(this.root, name)).isFile()) this.onPaths('readFileSync', ['/' + name]);
    }
  }
}

const MUTATORS = /^(write|append|mk|rm|unlink|rename|copy|cp|truncate|utimes|ch|link|symlink|ftrunc)/;

/** How often each is done, of so many in all. */
const WEIGHTS = {
  read: 2,
  write: 3,
  look: 2,
  list: 2,
  makeDir: 3,
  remove: 1,
  removeTree: 1,
  rename: 2,
  copy: 2,
  truncate: 1,
  link: 1,
  rights: 1,
  times: 1,
  temp: 1,
  openFile: 2,
  useFile: 8,
  whole: 1,
};

const STEPS = (Object.keys(WEIGHTS) as (keyof typeof WEIGHTS)[]).flatMap((step) => Array<typeof step>(WEIGHTS[step]).fill(step));

/** All that is in a folder, as one text. */
function snapshot(folder: string): string {
  const names = node.readdirSync(folder, { recursive: true }) as string[];
  return names
    .map((name) => name + '\n' + (isDirectory(join(folder, name)) ? '' : node.readFileSync(join(folder, name), 'base64')))
    .join('\n');
}

function isDirectory(path: string): boolean {
  return node.existsSync(path) && node.statSync(path).isDirectory();
}
