/** Files that are written as a whole, in one change. */
import { EISDIR } from '../contract/errno';
import { Lfs2File } from './file';
import { begin, commit } from './operation';
import { KIND_DIR } from './table';
import { CREATE, NOTHING, REG } from './tags';
import { checkUnused, look } from './tree';
import { fail, type Ops, use, type Volume } from './volume';
import * as write from './write.lazy';

/** Makes `data` the content of a file, which is made if it is missing. */
export function replaceFile(v: Volume, path: string, data: Uint8Array): void {
  begin(v, 'writeFile', path, true);
  write.during(function (): void {
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
      const content = write.contentOps(f, id, data, kind ? m : undefined);
      const made: Ops = kind ? [] : [CREATE, id, NOTHING, REG, id, name];
      if (kind) write.leaveList(m, id, 0);
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
