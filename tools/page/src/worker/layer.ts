import type { Medium } from '../../../places/medium';
import type { Run } from './api';

/** What an image is read from. */
export interface Base {
  readonly size: number;
  /** Bytes at a place that is there. */
  read(at: number, length: number): Uint8Array;
  /** A part of it, without reading it if that can be. */
  slice(from: number, to: number): Promise<Blob>;
}

const PAGE = 4096;
/** Bytes that are read at once, and how many such pieces are kept: 16 MB. */
const CHUNK = 65536;
const CHUNKS = 256;

/** What changed pages were before a step, and what the step was. */
interface Step {
  label: string;
  /** Bytes of the image before. */
  size: number;
  before: Map<number, Uint8Array | undefined>;
}

/** An image that is read as it is wanted; what is written stays in pages above it, and each step can be taken back. */
export class Layer implements Medium {
  size: number;
  private readonly base: Base;
  private pages = new Map<number, Uint8Array>();
  private readonly chunks = new Map<number, Uint8Array>();
  private readonly steps: Step[] = [];
  private step: Step | undefined;

  constructor(base: Base) {
    this.base = base;
    this.size = base.size;
  }

  /** What was done, the first first. */
  get labels(): string[] {
    return this.steps.map(({ label }) => label);
  }

  /** Bytes that are not as in the image below. */
  get changed(): number {
    return this.pages.size * PAGE;
  }

  read(at: number, into: Uint8Array): void {
    for (let done = 0, n = 0; done < into.length; done += n) {
      const place = at + done;
      const offset = place % PAGE;
      n = Math.min(PAGE - offset, into.length - done);
      const page = this.pages.get((place - offset) / PAGE);
      if (page) into.set(page.subarray(offset, offset + n), done);
      else into.set(this.below(place, n), done);
    }
  }

  write(at: number, bytes: Uint8Array): void {
    if (at < 0 || at + bytes.length > this.size) throw new RangeError(`${at}+${bytes.length} lies beyond the image`);
    for (let done = 0, n = 0; done < bytes.length; done += n) {
      const place = at + done;
      const offset = place % PAGE;
      n = Math.min(PAGE - offset, bytes.length - done);
      this.own((place - offset) / PAGE).set(bytes.subarray(done, done + n), offset);
    }
  }

  /** Does something that can be taken back as a whole; if it fails, nothing has changed. */
  async change<T>(label: string, work: () => Promise<T>): Promise<T> {
    const step: Step = { label, size: this.size, before: new Map() };
    this.step = step;
    try {
      const result = await work();
      if (step.before.size || step.size !== this.size) this.steps.push(step);
      return result;
    } catch (error) {
      this.restore(step);
      throw error;
    } finally {
      this.step = undefined;
    }
  }

  /** Takes the last step back. @returns what it was */
  undo(): string | undefined {
    const step = this.steps.pop();
    if (step) this.restore(step);
    return step?.label;
  }

  /** The image as it is now, whatever is done to it later. Nothing can be written there. */
  snapshot(): Medium {
    const copy = new Layer(this.base);
    // A page that a step changes is another one then.
    copy.pages = new Map(this.pages);
    copy.size = this.size;
    return copy;
  }

  /** The image with what was changed. Nothing is copied that does not have to be. */
  async blob(): Promise<Blob> {
    const parts: BlobPart[] = [];
    let done = 0;
    for (const number of this.numbers()) {
      const at = number * PAGE;
      if (at > done) parts.push(await this.base.slice(done, at));
      const page = this.pages.get(number) as Uint8Array<ArrayBuffer>;
      parts.push(page.slice(0, this.size - at));
      done = at + PAGE;
    }
    if (done < this.size) parts.push(await this.base.slice(done, this.size));
    return new Blob(parts, { type: 'application/octet-stream' });
  }

  /** Makes the image longer or shorter. What is new has to be written. */
  resize(size: number): void {
    this.size = size;
  }

  /** Those of the pages above, in their order. */
  private numbers(): number[] {
    return [...this.pages.keys()].filter((number) => number * PAGE < this.size).sort((a, b) => a - b);
  }

  /** The pages that are not as below, what lies together as one. */
  differing(): Run[] {
    const own = this.numbers().filter((number) => this.differs(number));
    const runs: Run[] = [];
    for (let from = 0, to = 0; from < own.length; from = to) {
      do to++;
      while (own[to] === own[to - 1] + 1);
      const at = own[from] * PAGE;
      const bytes = new Uint8Array(Math.min(this.size, (own[to - 1] + 1) * PAGE) - at);
      this.read(at, bytes);
      runs.push({ at, bytes });
    }
    return runs;
  }

  private differs(number: number): boolean {
    const page = (this.pages.get(number) as Uint8Array).subarray(0, this.size - number * PAGE);
    const below = this.below(number * PAGE, page.length);
    return page.some((byte, i) => byte !== below[i]);
  }

  /** A page that may be written to: not the one that was there before the step. */
  private own(number: number): Uint8Array {
    const there = this.pages.get(number);
    if (there && (!this.step || this.step.before.has(number))) return there;
    this.step?.before.set(number, there);
    const page = new Uint8Array(PAGE);
    if (there) page.set(there);
    else page.set(this.below(number * PAGE, PAGE));
    this.pages.set(number, page);
    return page;
  }

  private restore({ before, size }: Step): void {
    this.size = size;
    for (const [number, page] of before) {
      if (page) this.pages.set(number, page);
      else this.pages.delete(number);
    }
  }

  /** Bytes of one page of the image; 0xFF behind its end. */
  private below(at: number, length: number): Uint8Array {
    const number = Math.floor(at / CHUNK);
    let chunk = this.chunks.get(number);
    if (chunk) this.chunks.delete(number);
    else {
      chunk = new Uint8Array(CHUNK).fill(0xff);
      const from = number * CHUNK;
      const { size } = this.base;
      if (from < size) chunk.set(this.base.read(from, Math.min(CHUNK, size - from)));
      if (this.chunks.size >= CHUNKS) this.chunks.delete(this.chunks.keys().next().value as number);
    }
    // The one used last is the last of the map.
    this.chunks.set(number, chunk);
    return chunk.subarray(at - number * CHUNK, at - number * CHUNK + length);
  }
}
