/** Thousands of random operations against a model, judged at intervals. */
import * as assert from 'uvu/assert';
import type { VfsError } from '../../modules/contract/errno';
import type { RawFile } from '../../modules/contract/filesystem';
import type { VfsFat } from '../../modules/fat';
import { type ImageDevice, list, pattern, random, readFile } from './fat';

/** A kind of volume: how it is mounted, and what a judge says of an image. */
export interface Subject {
  mount(device: ImageDevice): VfsFat;
  judge(image: Uint8Array): { exit: number; lines: string[] };
}

/** Files by path with their content, directories with null. Paths compare without case. */
type Model = Map<string, { path: string; content: Uint8Array | null }>;

const NAMES = [
  'a',
  'B.TXT',
  'readme.md',
  'Mixed.Case',
  'a long name with spaces.text',
  'ünïcode-ß.txt',
  '日本語のファイル.bin',
  'emoji 😀.png',
  'x+y=z;[1].dat',
];
NAMES.push(
  '.hidden',
  'trailing.dots.in.name',
  'n'.repeat(100),
  'm'.repeat(255),
  'LONGNAME-ALPHA.TEXT',
  'longname-beta.text',
  'UPPER.low',
  'low.UPP',
);
for (let i = 0; i < 12; i++) NAMES.push(`same beginning, other end ${i}.text`);

const key = (path: string): string => path.toUpperCase();
const parent = (path: string): string => path.slice(0, path.lastIndexOf('/'));

function code(work: () => void): string {
  try {
    work();
    return '';
  } catch (error) {
    if ((error as VfsError).code) return (error as VfsError).code;
    throw error;
  }
}

function check(fs: VfsFat, model: Model): void {
  const seen = new Set<string>();
  const walk = (dir: string): void => {
    for (const [name, type, , size] of list(fs, dir || '/')) {
      const path = `${dir}/${name}`;
      const known = model.get(key(path));
      assert.ok(known, `${path} is not in the model`);
      assert.is(path.slice(path.lastIndexOf('/')), known.path.slice(known.path.lastIndexOf('/')), 'the case of the name');
      seen.add(key(path));
      if (type === 0x4000) {
        assert.is(known.content, null, path);
        walk(path);
      } else {
        assert.is(size, known.content?.length, path);
        assert.ok(Buffer.from(readFile(fs, path)).equals(known.content as Uint8Array), `${path}: content`);
      }
    }
  };
  walk('');
  assert.is(seen.size, model.size, [...model.keys()].filter((one) => !seen.has(one)).join(' '));
}

/** @param every after so many operations everything is compared, and judged */
export function workload(subject: Subject, device: ImageDevice, seed: number, operations: number, largest: number, every = 100): void {
  const { mount, judge } = subject;
  const below = random(seed);
  let fs = mount(device);
  const model: Model = new Map();
  const pick = (): string => {
    const dirs = ['', ...[...model.values()].filter((one) => !one.content).map((one) => one.path)];
    const dir = dirs[below(dirs.length)];
    return `${dir.length > 300 ? '' : dir}/${NAMES[below(NAMES.length)]}`;
  };
  const existing = (): string => (model.size && below(8) ? [...model.values()][below(model.size)].path : pick());
  /** What should happen, by the model. */
  const step = (): void => {
    const what = below(14);
    const path = what > 4 ? existing() : pick();
    const known = model.get(key(path));
    const above = parent(path);
    const room = !above || model.get(key(above))?.content === null;
    if (what < 5 || what === 5) {
      const content = pattern(below(below(3) ? 3000 : largest), below(1000000));
      const mode = ['w', 'a', 'r+', 'x'][below(4)];
      const result = code(() => {
        const file = fs.open(path, mode) as RawFile;
        const before = known?.content && mode !== 'w' ? known.content : new Uint8Array(0);
        // Past the end, now and then.
        const pos = mode === 'a' ? before.length : below(before.length + (below(5) ? 1 : 3000));
        const after = new Uint8Array(Math.max(before.length, content.length ? pos + content.length : before.length));
        after.set(before);
        let failed = '';
        for (let done = 0; done < content.length && !failed; ) {
          const n = 1 + below(content.length - done);
          failed = code(() => file.writeAt(pos + done, content.subarray(done, done + n)));
          if (!failed) after.set(content.subarray(done, done + n), pos + done);
          done += n;
        }
        if (!failed && !below(4)) file.sync();
        const size = file.size();
        file.close();
        if (failed) {
          assert.is(failed, 'ENOSPC');
          const left = readFile(fs, path);
          assert.is(left.length, size);
          model.set(key(path), { path: known?.path ?? path, content: left });
        } else model.set(key(path), { path: known?.path ?? path, content: after });
      });
      if (known?.content === null) assert.is(result, 'EISDIR');
      else if (!known && mode === 'r+') assert.is(result, 'ENOENT');
      else if (known && mode === 'x') assert.is(result, 'EEXIST');
      else assert.ok(room && (!result || result === 'ENOSPC'), `${mode} ${path}: ${result}`);
      if (result === 'ENOSPC' && !known && model.has(key(path))) throw new Error('made after all');
    } else if (what === 6) {
      const at = pick();
      const result = code(() => fs.mkdir(at));
      if (model.has(key(at))) assert.is(result, 'EEXIST');
      else if (!result) model.set(key(at), { path: at, content: null });
      else assert.is(result, 'ENOSPC', at);
    } else if (what === 7 || what === 8) {
      const result = code(() => fs.remove(path));
      assert.is(result, !known ? 'ENOENT' : known.content ? '' : 'EISDIR');
      if (!result) model.delete(key(path));
    } else if (what === 9) {
      const result = code(() => fs.rmdir(path));
      const full = [...model.keys()].some((one) => one.startsWith(key(path) + '/'));
      assert.is(result, !known ? 'ENOENT' : known.content ? 'ENOTDIR' : full ? 'ENOTEMPTY' : '');
      if (!result) model.delete(key(path));
    } else if (what === 10 || what === 11) {
      const to = below(6) ? pick() : parent(path) + '/' + path.slice(path.lastIndexOf('/') + 1).toLowerCase();
      const target = model.get(key(to));
      const result = code(() => fs.rename(path, to));
      const inside = known?.content === null && (key(to) + '/').startsWith(key(path) + '/') && key(to) !== key(path);
      const full = target && !target.content && [...model.keys()].some((one) => one.startsWith(key(to) + '/'));
      let wanted = '';
      if (!known) wanted = 'ENOENT';
      else if (inside) wanted = 'EINVAL';
      else if (key(to) === key(path)) wanted = '';
      else if (target && known.content && !target.content) wanted = 'EISDIR';
      else if (target?.content && !known.content) wanted = 'ENOTDIR';
      else if (full) wanted = 'ENOTEMPTY';
      if (result === 'ENOSPC') return;
      assert.is(result, wanted, `rename ${path} ${to}`);
      if (result || path === to) return;
      const moved = [...model.entries()].filter(([one]) => one === key(path) || one.startsWith(key(path) + '/'));
      // Over something else its name stays as it was written.
      const name = target && key(to) !== key(path) ? target.path : to;
      for (const [one] of moved) model.delete(one);
      for (const [, entry] of moved) {
        const at = name + entry.path.slice(path.length);
        model.set(key(at), { path: at, content: entry.content });
      }
    } else if (what === 12 && known?.content) {
      const size = below(known.content.length + 2000);
      const file = fs.open(path, 'r+') as RawFile;
      const result = code(() => file.truncate(size));
      file.close();
      if (result) {
        assert.is(result, 'ENOSPC');
        known.content = readFile(fs, path);
      } else {
        const after = new Uint8Array(size);
        after.set(known.content.subarray(0, size));
        known.content = after;
      }
    } else if (what === 13 && !below(5)) {
      if (below(2)) fs.sync();
      else {
        fs.umount();
        fs = mount(device);
      }
    }
  };
  for (let i = 0; i < operations; i++) {
    try {
      step();
    } catch (error) {
      (error as Error).message += ` (seed ${seed}, operation ${i})`;
      throw error;
    }
    if (i % every === every - 1) {
      check(fs, model);
      const counted = fs.statvfs('/')[3];
      fs.umount();
      const judged = judge(device.image);
      assert.equal(judged.lines, [], `seed ${seed}, after operation ${i}`);
      assert.is(judged.exit, 0);
      fs = mount(device);
      assert.is(fs.statvfs('/')[3], counted);
      check(fs, model);
    }
  }
}
