import { decodeText } from '../../engine';
import { isMoving } from '../mdir';
import { compare } from '../names';
import { KIND_DIR, kindOf, ROW } from '../table';
import { DELETED, NULL } from '../tags';
import { fs, type Mdir } from '../volume';
import { judgePair, openPair } from './pair';
import { type Check, IN_TREE, inside, mark, marked, newCheck, ON_THREAD, pairText, report, tryBytes } from './state';

/** A directory that is being walked: its pair, the next id there (-1: the pair is new), the last name met. */
interface Frame {
  _a: number;
  _b: number;
  _id: number;
  /** Whether this is the directory's first pair. */
  _first: boolean;
  _last: Uint8Array | undefined;
  _path: string;
  _to: string;
}

function newFrame(a: number, b: number, path: string, to: string): Frame {
  return { _a: a, _b: b, _id: NULL, _first: true, _last: undefined, _path: path, _to: to };
}

/**
 * Notes that `path` uses a block of the volume as data, or with `pair` as one of a metadata pair. False if something
 * uses it already, which is reported.
 */
export function claim(c: Check, block: number, path: string, pair?: boolean): boolean {
  if (block === c._find) {
    c._owner = pair ? path + '/' : path;
    return false;
  }
  const threaded = !pair && marked(c, block, ON_THREAD);
  if (marked(c, block, IN_TREE) || threaded) {
    if (!c._mute) {
      const other = marked(c, block, IN_TREE) ? ownerOf(c, block) : 'a metadata pair on the thread';
      report(c, 'error', 'shared', path, [block], 'block ' + block + ' is used here and by ' + other);
    }
    return false;
  }
  mark(c, block, IN_TREE);
  c._claimed++;
  return true;
}

/** Who was met first with a block: the walk is made once more, silently, until it comes there. */
function ownerOf(c: Check, block: number): string {
  if (!c._lookups) return 'something else';
  c._lookups--;
  const again = newCheck(c._volume, undefined, c._visit);
  again._mute = true;
  again._find = block;
  walkTree(again, 0, 1, '', '');
  return again._owner || 'an orphan';
}

/** Walks the directory that begins with the pair {a, b}, and all below it. Each pair is entered once, so it ends whatever there is. */
export function walkTree(c: Check, a: number, b: number, path: string, to: string): void {
  const stack: Frame[] = [];
  let frame: Frame | undefined = newFrame(a, b, path, to);
  while (frame && !c._owner) {
    const fresh = frame._id < 0;
    const m: Mdir | undefined = fresh ? enter(c, frame) : openPair(c, frame._a, frame._b);
    if (fresh) frame._id = 0;
    if (m && frame._id < m._count) {
      const child = visitEntry(c, frame, m, frame._id++);
      if (child) {
        stack.push(frame);
        frame = child;
      }
    } else if (m && m._split) {
      frame._a = m._tail0;
      frame._b = m._tail1;
      frame._id = NULL;
      frame._first = false;
    } else frame = stack.pop();
  }
}

/** A pair comes into view. Undefined if it is damaged, or has been met before. */
function enter(c: Check, frame: Frame): Mdir | undefined {
  let a = frame._a;
  let b = frame._b;
  const path = frame._path;
  if (c._only) {
    const free = inside(a) && !marked(c, a, IN_TREE) ? a : b;
    const other = free === a ? b : a;
    if (inside(free) && !marked(c, free, IN_TREE) && (!inside(other) || marked(c, other, IN_TREE))) {
      report(
        c,
        'warning',
        'range',
        path,
        [other],
        'block ' + (other >>> 0) + ' cannot be one of this directory; only ' + free + ' is used',
      );
      frame._a = frame._b = a = b = free;
    }
  }
  if (inside(a) && inside(b) && (a !== b || c._only)) {
    const first = claim(c, a, path, true);
    if (c._owner || (a !== b && !claim(c, b, path, true)) || !first) return undefined;
  }
  const m = judgePair(c, a, b, path);
  if (m && !frame._first && !m._count)
    report(
      c,
      'error',
      'empty',
      path,
      [a, b],
      'pair ' + pairText(a, b) + ' in the middle of the directory is empty; other drivers stumble over it',
    );
  if (m && c._whole) {
    const on = (marked(c, a, ON_THREAD) ? 1 : 0) + (marked(c, b, ON_THREAD) ? 1 : 0);
    const what = 'pair ' + pairText(a, b);
    if (on > 1) c._pairing ^= mixed(a, b);
    if (!on) report(c, 'error', 'unthreaded', path, [a, b], what + ' is not on the thread of all pairs');
    else if (on === 1) {
      if (c._extending) extendThread(c, m);
      const level = c._flagged ? 'warning' : 'error';
      c._halves++;
      report(
        c,
        level,
        'half-orphan',
        path,
        [a, b],
        what + ' was moved, and the thread has the old one' + (c._flagged ? '' : ', which is not flagged'),
      );
    }
  }
  return m;
}

/** A number that is the same for a pair in either order, and hardly ever for two others. */
function mixed(a: number, b: number): number {
  return ((a + b) * 40503 + (a ^ b) * 30011) | 0;
}

/** A pair that moved may already be followed by others, which the thread reaches once it learns of the move. */
function extendThread(c: Check, moved: Mdir): void {
  let m: Mdir | undefined = moved;
  while (m) {
    const a: number = m._tail0;
    const b: number = m._tail1;
    if (!inside(a) || !inside(b) || marked(c, a, ON_THREAD) || marked(c, b, ON_THREAD)) return;
    mark(c, a, ON_THREAD);
    mark(c, b, ON_THREAD);
    m = openPair(c, a, b);
  }
}

/** Marks as on the thread what follows pairs that have moved, wherever in the tree they are. */
export function followMoved(c: Check): void {
  const again = newCheck(c._volume, undefined, function (): string {
    return '';
  });
  again._mute = again._whole = again._extending = true;
  for (let i = 0; i < c._map.length; i++) again._map[i] = c._map[i];
  walkTree(again, 0, 1, '', '');
  for (let block = 0; block < fs._blockCount; block++) if (marked(again, block, ON_THREAD)) mark(c, block, ON_THREAD);
}

/** Checks an entry's name and attributes and has it visited; the frame of a directory to go into. */
function visitEntry(c: Check, frame: Frame, m: Mdir, id: number): Frame | undefined {
  const rows = m._rows;
  const r = id * ROW;
  const place = rows[r] & 0x3fffffff;
  const kind = kindOf(m, id);
  // What has no content was reported with its pair.
  if (!kind) return undefined;
  if ((place & 0x3ff) === DELETED) {
    report(c, 'error', 'entry', frame._path || '/', [m._a], 'entry ' + id + ' has a name that is deleted');
    return undefined;
  }
  const name = tryBytes(c, m._a, place >> 10, place & 0x3ff);
  if (!name) return undefined;
  if (m._super && !id && !frame._path && decodeText(name) === 'littlefs') {
    checkAttributes(c, m, id, '');
    return undefined;
  }
  const path = frame._path + '/' + decodeText(name);
  if (frame._last && place) {
    const order = compare(frame._last, name);
    if (!order) report(c, 'error', 'name', path, [m._a], 'two entries of this name');
    else if (order > 0) report(c, 'error', 'order', path, [m._a], 'out of order: the entry before it is ' + decodeText(frame._last));
  }
  if (place) frame._last = name;
  if (isMoving(m, id)) {
    c._moveSeen = true;
    report(c, 'warning', 'move', path, [m._a, m._b], 'a rename was cut: this is its source, which the next change removes');
    const g = fs._gstate;
    if ((g[1] !== m._a || g[2] !== m._b) && (g[1] !== m._b || g[2] !== m._a))
      report(c, 'error', 'state', path, [g[1], g[2]], 'the move names the pair ' + pairText(g[1], g[2]) + ' for ' + pairText(m._a, m._b));
    return undefined;
  }
  const text = '/' + decodeText(name) + '/';
  if (place && (!name.length || text === '/./' || text === '/../' || text.indexOf('\0') > 0 || text.indexOf('/', 1) < text.length - 1))
    report(c, 'error', 'name', path, [m._a], 'impossible name');
  if (name.length > fs._nameMax)
    report(c, 'error', 'name', path, [m._a], 'name of ' + name.length + ' bytes, ' + fs._nameMax + ' are allowed');
  checkAttributes(c, m, id, path);
  const to = c._visit(c, path, m, id, frame._to);
  if (kind !== KIND_DIR) c._files++;
  else if (to !== undefined) {
    c._directories++;
    return newFrame(rows[r + 1], rows[r + 2], path, to);
  }
  return undefined;
}

function checkAttributes(c: Check, m: Mdir, id: number, path: string): void {
  const time = m._rows[id * ROW + 3];
  const tooLong = function (type: number, length: number): void {
    if (length > fs._attrMax)
      report(c, 'error', 'attribute', path, [m._a], 'attribute ' + type + ' of ' + length + ' bytes, ' + fs._attrMax + ' are allowed');
  };
  if (time) {
    tooLong(1, time & 0x3ff);
    if ((time & 0x3ff) !== 8)
      report(c, 'info', 'attribute', path, [m._a], 'attribute 1 has ' + (time & 0x3ff) + ' bytes: no time of modification');
  }
  for (let k = 0; k < m._attrs.length; k += 3) if (m._attrs[k] === id) tooLong(m._attrs[k + 1] & 0xff, m._attrs[k + 2] & 0x3ff);
}

/** Follows the thread, marks its pairs, and adds up the global state. */
export function walkThread(c: Check): void {
  const g = new Int32Array(3);
  let a = 0;
  let b = 1;
  let end = '';
  while (!end) {
    const m = inside(a) && inside(b) ? openPair(c, a, b) : undefined;
    const twice = marked(c, a, ON_THREAD) || marked(c, b, ON_THREAD);
    if (twice) end = 'comes back to pair ' + pairText(a, b);
    else if (!m)
      end =
        inside(a) && inside(b)
          ? 'ends at pair ' + pairText(a, b) + ', which is damaged'
          : 'leads to pair ' + pairText(a, b) + ', outside the volume';
    if (!m || twice) break;
    mark(c, a, ON_THREAD);
    mark(c, b, ON_THREAD);
    c._pairs++;
    c._pairing ^= mixed(a, b);
    for (let k = 0; k < 3; k++) g[k] ^= m._delta[k];
    a = m._tail0;
    b = m._tail1;
    if (a === NULL || b === NULL) {
      if (m._split) end = 'ends where a directory should go on';
      break;
    }
  }
  c._whole = !end;
  if (end) {
    report(c, 'error', 'thread', '', [a, b], 'the thread of all pairs ' + end);
    return;
  }
  fs._gstate = g;
  c._flagged = g[0] < 0;
}

/** Calls `visit` for each pair of the thread that is not in the tree, with `half` if one of its blocks is. */
export function eachOrphan(c: Check, visit: (m: Mdir, half: boolean) => void): void {
  let a = 0;
  let b = 1;
  for (let left = c._pairs; left > 0; left--) {
    let m = openPair(c, a, b);
    const half = marked(c, a, IN_TREE) !== marked(c, b, IN_TREE);
    if (m && (half || !marked(c, a, IN_TREE))) {
      visit(m, half);
      m = openPair(c, a, b);
    }
    if (!m) return;
    a = m._tail0;
    b = m._tail1;
  }
}
