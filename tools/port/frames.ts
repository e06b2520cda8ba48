/** The answers of a board, found in what its console says. */
import { crcOfText } from './literal';

/** What a board has refused. */
export class BoardError extends Error {
  /** As the VFS has it, `ENOENT`; '' for an error of another kind. */
  readonly code: string;
  readonly path: string;
  constructor(code: string, message: string, path: string) {
    super(message);
    this.code = code;
    this.path = path;
  }
}

export interface Frame {
  /** `echo`: a mark that begins no answer; `broken`: one whose sum is wrong. */
  kind: 'probe' | 'answer' | 'broken' | 'echo';
  id: number;
  text: string;
  /** Characters that it takes up. */
  length: number;
}

/** What begins with the mark at the beginning of a text; undefined where more has to come. */
export function frameAt(pending: string): Frame | undefined {
  const probe = /^<~\?(.*?)~>/s.exec(pending);
  if (probe) return { kind: 'probe', id: 0, text: probe[1], length: probe[0].length };
  const head = /^<~(\d+):(\d+):(\d+)=/.exec(pending);
  if (!head) {
    const unfinished = /^<~[\d:]{0,30}$/.test(pending) || /^<~\?[^~]{0,200}$/.test(pending);
    return unfinished ? undefined : { kind: 'echo', id: 0, text: '', length: 2 };
  }
  const [{ length: from }, id, length, sum] = [head[0], Number(head[1]), Number(head[2]), Number(head[3])];
  const end = from + length;
  if (pending.length < end + 2) return undefined;
  const text = pending.slice(from, end);
  if (pending.startsWith('~>', end) && crcOfText(text) === sum) return { kind: 'answer', id, text, length: end + 2 };
  // It may hide the beginning of the next.
  return { kind: 'broken', id, text: '', length: from };
}
