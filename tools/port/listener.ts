/** What a board's console says, taken apart: answers and signs of life for who waits, and what else is said. */
import { textOfBytes } from './bytes';
import { frameAt } from './frames';
import type { Line } from './stream';

export type Heard = 'answer' | 'broken' | 'alive' | 'silence';

export class Listener {
  /** Whether the connection has ended. */
  ended = false;
  lastHeard = 0;
  /** What came last, as it came. */
  tail = '';
  /** By their numbers; undefined for those that are waited for. */
  readonly answers = new Map<number, string | undefined>();
  private pending = '';
  /** Gets what the board says besides its answers. */
  private onText: ((text: string) => void) | undefined;
  /** Called when a script begins. */
  private began: (() => void) | undefined;
  /** The number of the script that runs. */
  private running = 0;
  private heard: ((what: Heard) => void) | undefined;
  /** Heard before anybody waited. */
  private early: Heard | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private silence = 0;

  private readonly line: Line;

  constructor(line: Line) {
    this.line = line;
    this.listen();
    line.stream.onEnd(() => {
      this.ended = true;
      this.tell('silence');
    });
  }

  /** Takes what the board says, also where somebody else has taken it meanwhile. */
  listen(): void {
    this.line.onData((bytes) => this.receive(textOfBytes(bytes)));
  }

  /** Forgets what was heard before anybody waited. */
  forget(): void {
    this.early = undefined;
  }

  /** The same, and what has begun to come. */
  drop(): void {
    this.pending = '';
    this.forget();
  }

  /** Hands on what the script of that number prints, from its beginning to its answer. */
  follow(id: number, print: (text: string) => void): void {
    this.running = id;
    this.began = () => {
      // The end of the line that has said so.
      let first = true;
      this.onText = (part) => {
        const rest = first ? part.replace(/^\r?\n/, '') : part;
        first = false;
        if (rest) print(rest);
      };
    };
  }

  unfollow(): void {
    this.running = 0;
    this.began = this.onText = undefined;
  }

  /** Waits until something is heard, or nothing was for so many milliseconds. */
  wait(milliseconds: number): Promise<Heard> {
    const { early } = this;
    this.early = undefined;
    if (this.ended || early) return Promise.resolve(early ?? 'silence');
    this.silence = milliseconds;
    return new Promise((done) => {
      this.heard = done;
      this.listenOn();
    });
  }

  private listenOn(): void {
    clearTimeout(this.timer);
    if (this.heard) this.timer = setTimeout(() => this.tell('silence'), this.silence);
  }

  /** Ends the waiting, or the next. */
  tell(what: Heard): void {
    clearTimeout(this.timer);
    const heard = this.heard;
    this.heard = undefined;
    if (heard) heard(what);
    else this.early = what;
  }

  private receive(text: string): void {
    this.lastHeard = Date.now();
    this.tail = (this.tail + text).slice(-200);
    this.pending += text;
    this.listenOn();
    for (;;) {
      const at = this.pending.indexOf('<~');
      if (at < 0) {
        // The first half of a mark may have come.
        const rest = this.pending.endsWith('<') ? 1 : 0;
        this.say(this.pending.slice(0, this.pending.length - rest));
        this.pending = this.pending.slice(this.pending.length - rest);
        return;
      }
      this.say(this.pending.slice(0, at));
      this.pending = this.pending.slice(at);
      const taken = this.frame();
      if (!taken) return;
      this.pending = this.pending.slice(taken);
    }
  }

  private say(text: string): void {
    if (text) this.onText?.(text);
  }

  /** Takes what begins with a mark. @returns how many characters it was; 0 where more has to come */
  private frame(): number {
    const frame = frameAt(this.pending);
    if (!frame) return 0;
    const { id, text } = frame;
    if (frame.kind === 'probe') {
      this.answers.set(0, text);
      this.tell('answer');
    } else if (frame.kind === 'broken') this.tell('broken');
    else if (frame.kind === 'answer' && !id) {
      this.began?.();
      this.tell('alive');
    } else if (frame.kind === 'answer' && this.answers.has(id)) {
      if (text === '?') this.tell('broken');
      else {
        this.answers.set(id, text);
        if (id === this.running) this.onText = undefined;
        this.tell('answer');
      }
    }
    return frame.length;
  }
}
