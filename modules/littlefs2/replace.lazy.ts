/** Files that are written as a whole, in one change. */
import { EISDIR } from '../contract/errno';
import { now } from '../engine';
import { Lfs2File } from './file';
import { begin, commit } from './operation';
import { mtimeBytes, pairBytes, timeOps } from './ops';
import { flushDevice } from './stream';
import { KIND_DIR } from './table';
import { CREATE, CTZSTRUCT, INLINESTRUCT, MTIME, NOTHING, REG } from './tags';
import { checkUnused, look } from './tree';
import { fail, fs, type Mdir, type OpenFile, type Ops, use, type Volume } from './volume';
import * as writing from './write.lazy';
import { endWriting, write } from './writer';

/** The change that makes `data` the content of entry `id`, written to the medium by means of `f`, which has nothing yet; `m` has it, if it is there. */
function contentOps(f: OpenFile, id: number, data: Uint8Array, m: Mdir | undefined): Ops {
  const v = fs;
  write(f, 0, data);
  endWriting(f);
  const inline = f._inline;
  const ops: Ops = inline ? [INLINESTRUCT, id, inline.subarray(0, f._size)] : [CTZSTRUCT, id, pairBytes(f._head, f._size)];
  const time: Ops = !v._mtime ? [] : m ? timeOps(m, id, now()) : [MTIME, id, mtimeBytes(now())];
  if (!inline) flushDevice();
  v._taken = [];
  return ops.concat(time);
}

/** Makes `data` the content of a file, which is made if it is missing. */
export function replaceFile(v: Volume, path: string, data: Uint8Array): void {
  begin(v, 'writeFile', path, true);
  writing.during(function (): void {
    const kind = look(path);
    const m = v._m;
    const id = v._id;
    const name = v._name;
    const failures: unknown[] = [];
    if (kind === KIND_DIR) fail(EISDIR);
    if (kind) checkUnused(false);
    // Whatever is there, its content does not matter.
    v._id = -2;
    const f = new Lfs2File(path, true);
    v._files.push(f);
    try {
      const content = contentOps(f, id, data, kind ? m : undefined);
      const made: Ops = kind ? [] : [CREATE, id, NOTHING, REG, id, name];
      if (kind) writing.leaveList(m, id, 0);
      v._free = -1;
      commit(m, made.concat(content));
    } catch (problem) {
      failures.push(problem);
      // Another volume may be at work, where the device called one and failed.
      use(v);
      v._free = -1;
    }
    v._files.splice(v._files.indexOf(f), 1);
    if (failures.length) throw failures[0];
  });
}
