/** A board with a console, as what is explored. */

import { removeAll } from '../../../places/tree';
import { BoardTree } from '../../../port/board-tree';
import type { BoardConsole } from '../../../port/console';
import { putBundle } from '../../../port/upload';
import type { LiveBoard } from '../view/explored';
import { addGiven } from '../worker/files';
import { beginning, blobOf, search } from '../worker/reading';
import { serial } from '../worker/serial';

/** Of a file only so much is fetched to be shown: a slow line takes three seconds for it. */
const SHOWN = 32768;

/** Its paths are told without a title, and what is to be done is what the page can do. */
class PageTree extends BoardTree {
  override readonly title = '';
  protected override advice(code: string): string {
    if (code === 'ENODEV') return ': its volume is not mounted; Bundle, “Boot now” does that';
    return code === 'ENOSYS' ? ': Bundle puts it there' : '';
  }
}

/** @param progress is told how much of what is added has gone */
export function liveBoard(console: BoardConsole, progress: (done: number, total: number) => void): LiveBoard {
  const tree = new PageTree(async () => console);
  const { espruino, version, board, free } = console.info;
  const title = espruino ? `Espruino ${version} on ${board}` : 'a JavaScript console';
  let handed: ReturnType<BoardConsole['handOver']> | undefined;
  const functions = serial<Omit<LiveBoard, 'board'>>({
    opened: async () => ({
      name: console.title,
      title,
      size: 0,
      parts: [{ name: '', offset: 0, size: 0, format: 'board', holds: 'a board' }],
    }),
    list: async (_, path) => tree.list(path, true),
    info: async () => ({
      place: console.title,
      size: 0,
      holds: 'board',
      title,
      facts: { ...(espruino && { engine: `Espruino ${version}`, board, 'free RAM': `${free} bytes` }) },
      usage: await tree.usage('/'),
      regions: [],
    }),
    read: async (_, path, most) => beginning(tree, path, Math.min(most, SHOWN)),
    file: async (_, path) => blobOf(tree, path),
    zip: async (_, path) => (await import('../worker/zip')).zipOf(tree, path),
    // A line is too slow for what is in files.
    search: async (_, text) => search(tree, text, 0),
    details: async () => ({}),
    mkdir: async (_, path) => tree.mkdir(path),
    rename: async (_, from, to) => tree.rename(from, to),
    remove: async (_, paths) => {
      for (const path of paths) await removeAll(tree, path, await tree.stat(path));
    },
    write: async (_, path, bytes) => tree.write(path, [bytes]),
    upload: async (_, into, given) => addGiven(tree, into, given, progress),
    utime: async (_, path, mtime) => tree.utime(path, mtime),
    setAttributes: async () => {},
    undo: async () => undefined,
    changes: async () => ({ labels: [], bytes: 0 }),
    close: async () => console.close(),
    putBundle: async (files, options, told) => putBundle(console, files, options, { progress: told }),
    boot: async () => {
      const failed = await console.evaluate(
        '(function(r,o){r.volumes.forEach(function(v){if(v.error)o.push(v.error)});r.scripts.forEach(function(s){if(s.error)o.push(s.path+": "+s.error)});return o})($v.V().boot(),[])',
      );
      return failed as string[];
    },
    beginConsole: async (take) => {
      handed = console.handOver(take);
      return handed.send;
    },
    endConsole: async () => {
      const one = handed;
      handed = undefined;
      await one?.end();
    },
  });
  return { board, ...functions };
}
