/** What the fuzz of littlefs 1 and 2 asks of a volume on a damaged image; each answer is a line. */
import type { RawFile } from '../../modules/contract/filesystem';
import { hex, type LittleFs, pattern } from '../support/lfs2';
import { atMost, outcome, type Tally } from './campaign';
import type { Flash } from './flash';

export const ENTRIES = 150;
const DEPTH = 6;

/** What came out of a call, as a line: the same call has the same one again. */
export type Line = (what: string, work: () => unknown) => string;

/** @param budget device operations of one call, of which the tally notes the most as those on `image` */
export function linesOf(flash: Flash, budget: number, tally: Tally, image: string): Line {
  return (what, work) => {
    flash.budget = budget;
    const result = outcome(what, work);
    atMost(tally, `device operations of one call on ${image}`, budget - flash.budget);
    return `${what}: ${result instanceof Uint8Array ? hex(result) : JSON.stringify(result)}`;
  };
}

/** Looks at all that is there, until there are `most` lines; its paths go to `paths`. `more` is what else to ask about each. */
export function look(fs: LittleFs, paths: string[], line: Line, most: number, more: (path: string, size: number) => string[]): string[] {
  const lines: string[] = [];
  const queue: [string, number][] = [['', 0]];
  for (let next = queue.shift(); next && lines.length < most; next = queue.shift()) {
    const [dir, depth] = next;
    const found: [string, number, number, number][] = [];
    lines.push(
      line(`list ${dir}`, () => {
        const entries = fs.ilistdir(dir || '/');
        for (let step = entries.next(); !step.done && found.length < ENTRIES; step = entries.next())
          found.push(step.value as [string, number, number, number]);
        return found.length;
      }),
    );
    for (const [name, type, , size] of found) {
      const path = `${dir}/${name}`;
      // What a VFS would not let through.
      if (!name || name.includes('/')) continue;
      paths.push(path);
      lines.push(line(`stat ${path}`, () => fs.stat(path)));
      lines.push(...more(path, size));
      if (type === 0x4000) {
        if (depth < DEPTH) queue.push([path, depth + 1]);
      } else {
        lines.push(
          line(`read ${path}`, () => {
            const file = fs.open(path, 'r') as RawFile;
            try {
              const piece = new Uint8Array(Math.min(Math.max(size, 0), 3000));
              const parts = [0, Math.floor(size / 2), Math.max(0, size - 40)].map((pos) => file.readAt(pos, piece));
              return [...parts, Buffer.from(piece).toString('base64')];
            } finally {
              file.close();
            }
          }),
        );
      }
    }
  }
  return lines;
}

/** Of what changes a volume, `kind`, from 0 to 7. */
export function change(fs: LittleFs, path: string, fresh: string, kind: number, line: Line): void {
  const write = (mode: string, pos: number, length: number): void => {
    const file = fs.open(path, mode) as RawFile;
    try {
      if (length < 0) file.truncate(pos);
      else file.writeAt(pos < 0 ? file.size() : pos, pattern(length, 1));
    } finally {
      file.close();
    }
  };
  if (kind === 0) line(`mkdir ${fresh}`, () => fs.mkdir(fresh));
  else if (kind === 1) line(`rmdir ${path}`, () => fs.rmdir(path));
  else if (kind === 2) line(`remove ${path}`, () => fs.remove(path));
  else if (kind === 3) line(`rename ${path} ${fresh}`, () => fs.rename(path, fresh));
  else if (kind === 4) line(`write ${path}`, () => write('w', 0, 200));
  // The end of a file whose size is wrong may be far away.
  else if (kind === 5) line(`append to ${path}`, () => (fs.stat(path)[6] < 100000 ? write('a', -1, 30) : 0));
  else if (kind === 6) line(`overwrite ${path}`, () => (fs.stat(path)[6] < 100000 ? write('r+', 10, 30) : 0));
  else line(`truncate ${path}`, () => write('r+', 5, -1));
}
