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
  let take: ((bytes: Uint8Array) => void) | undefined;
  let handed: ReturnType<BoardConsole['handOver']> | undefined;
  const takeBack = async (): Promise<void> => {
    const one = handed;
    handed = undefined;
    await one?.end();
  };
  /** What is asked while somebody types has the console for so long. */
  const asked =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        await takeBack();
        return await work(...args);
      } finally {
        if (take) handed = console.handOver(take);
      }
    };
  const functions = serial<Omit<LiveBoard, 'board'>>({
    opened: async () => ({
      name: console.title,
      title,
      size: 0,
      parts: [{ name: '', offset: 0, size: 0, format: 'board', holds: 'a board' }],
    }),
    list: asked((_, path) => tree.list(path, true)),
    info: asked(async () => ({
      place: console.title,
      size: 0,
      holds: 'board',
      title,
      facts: { ...(espruino && { engine: `Espruino ${version}`, board, 'free RAM': `${free} bytes` }) },
      usage: await tree.usage('/'),
      regions: [],
    })),
    read: asked((_, path, most) => beginning(tree, path, Math.min(most, SHOWN))),
    file: asked((_, path) => blobOf(tree, path)),
    zip: asked(async (_, path) => (await import('../worker/zip')).zipOf(tree, path)),
    // A line is too slow for what is in files.
    search: asked((_, text) => search(tree, text, 0)),
    details: async () => ({}),
    mkdir: asked((_, path) => tree.mkdir(path)),
    rename: asked((_, from, to) => tree.rename(from, to)),
    remove: asked(async (_, paths) => {
      for (const path of paths) await removeAll(tree, path, await tree.stat(path));
    }),
    write: asked((_, path, bytes) => tree.write(path, [bytes])),
    upload: asked((_, into, given) => addGiven(tree, into, given, progress)),
    utime: asked((_, path, mtime) => tree.utime(path, mtime)),
    setAttributes: async () => {},
    undo: async () => undefined,
    changes: async () => ({ labels: [], bytes: 0 }),
    close: async () => {
      take = undefined;
      // It may have been lost.
      await takeBack().catch(() => {});
      await console.close();
    },
    putBundle: asked((files, options, told) => putBundle(console, files, options, { progress: told })),
    boot: asked(async () => {
      const failed = await console.evaluate(
        '(function(r,o){r.volumes.forEach(function(v){if(v.error)o.push(v.error)});r.scripts.forEach(function(s){if(s.error)o.push(s.path+": "+s.error)});return o})($v.V().boot(),[])',
      );
      return failed as string[];
    }),
    beginConsole: async (hear) => {
      take = hear;
      handed = console.handOver(hear);
      return handed.send;
    },
    endConsole: async () => {
      take = undefined;
      await takeBack();
    },
  });
  return { board, ...functions };
}
