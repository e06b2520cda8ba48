import { type Check, IN_TREE, mark, marked, newCheck, ON_THREAD, report } from './fsck-state';
import { walkTree } from './fsck-walk';

/**
 * Notes that `path` uses a block of the volume as data, or with `pair` as one of a metadata pair. False if something
 * uses it already, which is reported.
 */
export function claim(c: Check, block: number, path: string, pair?: boolean): boolean {
  if (block === c._find) {
    c._owner = path;
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
  c._used++;
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
