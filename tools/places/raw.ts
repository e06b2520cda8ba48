import { type Medium, piece } from './medium';
import { PlaceError, type Tree, type Usage } from './tree';

const PIECE = 65536;

/** A part of an image as a file that is as long as the part: what is written is followed by what an erased flash reads as. */
export function rawTree(title: string, medium: Medium): Tree {
  const refuse = async (): Promise<never> => {
    throw new PlaceError('EPERM', title, `it is a part of an image; ${title}:/ is what is in it`);
  };
  return {
    title,
    format: 'raw',
    times: 0,
    list: refuse,
    stat: async () => ({ name: title.replace(/^.*[/\\]/, ''), kind: 'file', size: medium.size, hidden: false }),
    async *read(_path, from = 0) {
      for (let at = from; at < medium.size; at += PIECE) yield piece(medium, at, Math.min(PIECE, medium.size - at));
    },
    write: async (_path, content) => {
      let at = 0;
      for await (const bytes of content) {
        if (at + bytes.length > medium.size) throw new PlaceError('ENOSPC', title, `there is room for ${medium.size} bytes`);
        medium.write(at, bytes);
        at += bytes.length;
      }
      for (; at < medium.size; at += PIECE) medium.write(at, new Uint8Array(Math.min(PIECE, medium.size - at)).fill(0xff));
    },
    mkdir: refuse,
    rmdir: refuse,
    remove: refuse,
    rename: refuse,
    utime: refuse,
    usage: async (): Promise<Usage> => ({ size: medium.size, used: medium.size, free: 0 }),
  };
}
