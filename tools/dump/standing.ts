import type { Note } from './notes';

const CREATE = 0x401;
const DELETE = 0x4ff;
/** The id of what belongs to the whole pair. */
const WHOLE = 0x3ff;

/** Which tags of a littlefs 2 log still count, followed as it was written (SPEC.md, "Metadata tags"). */
export class Standing {
  /** What counts of each id, by what it says. */
  private readonly ids: Map<number, Note>[] = [];
  private readonly whole = new Map<number, Note>();

  add(note: Note, type: number, id: number): void {
    const end = (old: Note | undefined): void => {
      if (old && note.commit !== undefined) old.superseded = note.commit;
    };
    if (type === CREATE) this.ids.splice(id, 0, new Map([[CREATE, note]]));
    else if (type === DELETE) {
      for (const old of this.ids.splice(id, 1)[0]?.values() ?? []) end(old);
    } else {
      if (id !== WHOLE) this.ids[id] ??= new Map();
      const own = id === WHOLE ? this.whole : this.ids[id];
      // Names and what a name stands for have several types; of attributes each is one of its own.
      const key = type < 0x300 || type >= 0x600 ? type & 0x700 : type;
      end(own.get(key));
      own.set(key, note);
    }
  }
}
