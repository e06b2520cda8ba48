/** littlefs 1: long random workloads with open files, against a plain model and the independent judge. */
import { test } from 'uvu';
import type { RawFile } from '../modules/contract/filesystem';
import type { VfsLfs1 } from '../modules/littlefs1';
import { hex, mount1, pattern, type Snapshot, snapshot1, snapshotOf1 } from './support/lfs1';
import { expected, perform } from './support/script';
import { applicable1, choose1, formatted1, judge1, randomSetup1, type Setup1 } from './torture/lfs1';
import { matches } from './torture/powercut';
import { generator, mixSeed, type Random } from './torture/random';

interface Handle {
  path: string;
  file: RawFile;
  body: string;
}

/** Changes an open file in a random way; what is not synced is only in `body`. */
function work(handle: Handle, tree: Snapshot, random: Random): void {
  const { file, path } = handle;
  const size = handle.body.length / 2;
  const kind = random(5);
  try {
    if (kind === 0) {
      file.sync();
      tree[path] = handle.body;
    } else if (kind === 1) {
      const to = random(size + 20);
      file.truncate(to);
      handle.body = handle.body.padEnd(to * 2, '0').slice(0, to * 2);
    } else {
      const at = kind === 2 ? random(size + 20) : size;
      const data = pattern(1 + random(150), random(256));
      file.writeAt(at, data);
      handle.body = handle.body.padEnd(at * 2, '0').slice(0, at * 2) + hex(data) + handle.body.slice((at + data.length) * 2);
    }
    const content = new Uint8Array(file.size());
    file.readAt(0, content);
    if (hex(content) !== handle.body) throw new Error(`open file ${path} differs`);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOSPC') throw error;
    handle.body = tree[path];
  }
}

function round(seed: number): void {
  const random = generator(seed);
  // Full volumes with bad blocks may be left half-done, which is for the tests of power cuts.
  const setup: Setup1 = { ...randomSetup1(random), bad: undefined };
  const flash = formatted1(setup);
  let fs: VfsLfs1 = mount1(flash, setup.options);
  let tree: Snapshot = {};
  const handles: Handle[] = [];
  const closeAll = (): void => {
    for (const handle of handles.splice(0)) {
      try {
        handle.file.close();
        tree[handle.path] = handle.body;
      } catch (error) {
        if ((error as { code?: string }).code !== 'ENOSPC') throw error;
      }
    }
  };
  const largest = (setup.blockSize * setup.blockCount) >> 4;
  for (let i = 0; i < 150; i++) {
    flash.budget = 400000;
    const step = choose1(tree, largest, 20, random);
    const isOpen = (path: string): boolean => handles.some((each) => each.path === path);
    if (handles.length && !random(3)) work(handles[random(handles.length)], tree, random);
    else if (step[0] === 'append' && step[1] in tree && !isOpen(step[1]) && tree[step[1]] !== 'dir' && handles.length < 3)
      handles.push({ path: step[1], file: fs.open(step[1], 'r+') as RawFile, body: tree[step[1]] });
    else if (applicable1(tree, step) && !isOpen(step[1]) && !(step[0] === 'rename' && isOpen(step[2]))) {
      const steps = expected(tree, step);
      try {
        perform(fs, step);
        tree = { ...steps[steps.length - 1] };
        if (step[0] === 'rename')
          for (const each of handles) if (each.path.startsWith(step[1] + '/')) each.path = step[2] + each.path.slice(step[1].length);
      } catch (error) {
        if ((error as { code?: string }).code !== 'ENOSPC') throw new Error(`step ${i} ${JSON.stringify(step)}: ${(error as Error).stack}`);
        tree = snapshot1(fs);
      }
    }
    if (!random(25)) {
      closeAll();
      fs.umount();
      fs = mount1(flash, setup.options);
    }
    if (!random(10)) matches(snapshot1(fs), tree, `step ${i} ${JSON.stringify(step)}`);
  }
  closeAll();
  matches(snapshot1(fs), tree, 'at the end');
  const check = judge1(setup, flash.image, 'at the end', true);
  matches(snapshotOf1(check), tree, 'at the end, by the judge');
  const figures = fs.statvfs('/');
  if (figures[2] - figures[3] !== check.used.size)
    throw new Error(`${figures[2] - figures[3]} blocks used, by the judge ${check.used.size}`);
}

for (let n = 0; n < 60; n++) test(`a random workload with open files, ${n}`, () => round(mixSeed(n, 31)));

test.run();
