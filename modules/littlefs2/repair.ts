import { commit } from './commit';
import { fetch, forget, ROW } from './mdir';
import { NO_ID, NULL, TAIL } from './tags';
import { dropOps, findOnThread, linkOps } from './thread';
import { fs, limitSteps } from './volume';

/**
 * Brings thread and tree into line (DESIGN.md, "The move problem"): first tails that name what a directory was before
 * it was relocated, then, after a power loss, pairs that no directory names. A pass begins again after each change.
 */
export function repairThread(powerLoss: boolean): void {
  let pass = 0;
  for (let changes = 0; pass < (powerLoss ? 2 : 1); changes++) {
    let pred = fetch(0, 1);
    let changed = false;
    fs._repair = false;
    for (let steps = 0; pred._tail0 !== NULL && !changed; steps++) {
      limitSteps(steps + changes);
      const p0 = pred._a;
      const p1 = pred._b;
      const a = pred._tail0;
      const b = pred._tail1;
      if (!pred._split) {
        const parent = findOnThread(a, b, true);
        const c = parent ? parent._rows[fs._id * ROW + 1] : a;
        const d = parent ? parent._rows[fs._id * ROW + 2] : b;
        pred = fetch(p0, p1);
        changed = pass ? !parent : (c !== a || d !== b) && (c !== b || d !== a);
        if (changed) {
          forget(a, b);
          commit(pred, pass ? dropOps(pred, fetch(a, b)) : linkOps(pred, TAIL, NO_ID, c, d));
        }
      }
      if (!changed) pred = fetch(a, b);
    }
    pass = changed ? 0 : pass + 1;
  }
}
