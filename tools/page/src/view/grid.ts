/** The map of blocks on a canvas: each a square; where they are too many for the place, several share one. */
import { type BlockMap, DATA, kindNames } from '../../../blocks/map';

/** Side of a square in CSS pixels. */
const LARGEST = 28;
const LEAST = 3;
/** How high the map may be. */
const HEIGHT = 420;
/** Shades of files that lie side by side. */
const SHADES = 5;

export class Grid {
  /** Squares in a row, and blocks in a square. */
  readonly columns: number;
  readonly per: number;
  private readonly side: number;
  private readonly map: BlockMap;
  private readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  /** The map without marks. */
  private readonly plain: HTMLCanvasElement;
  /** Blocks sorted by owner; those of owner n from `starts[n]` on. */
  private readonly sorted: Int32Array;
  private readonly starts: Int32Array;
  private readonly accent: string;
  private readonly ink: string;
  private readonly paper: string;
  private marked = '';

  /** @param worn shows how often blocks were erased, instead of what they are */
  constructor(canvas: HTMLCanvasElement, map: BlockMap, worn = false) {
    this.canvas = canvas;
    this.map = map;
    const count = map.kinds.length;
    const width = Math.max(canvas.parentElement?.parentElement?.clientWidth ?? 0, 120);
    let side = LARGEST;
    // As large as they can be, and in several rows.
    while (side > LEAST && Math.ceil(count / Math.floor(width / side)) * side > HEIGHT) side--;
    this.side = side;
    this.columns = Math.floor(width / side);
    this.per = Math.max(1, Math.ceil(count / (this.columns * Math.floor(HEIGHT / side))));
    const rows = Math.ceil(count / this.per / this.columns);
    const scale = devicePixelRatio || 1;
    canvas.style.width = `${this.columns * side}px`;
    canvas.style.height = `${rows * side}px`;
    canvas.width = this.columns * side * scale;
    canvas.height = rows * side * scale;
    this.plain = document.createElement('canvas');
    this.plain.width = canvas.width;
    this.plain.height = canvas.height;
    this.context = canvas.getContext('2d') as CanvasRenderingContext2D;
    this.context.scale(scale, scale);
    [this.sorted, this.starts] = byOwner(map);
    this.accent = getComputedStyle(canvas).getPropertyValue('--accent').trim();
    this.ink = getComputedStyle(canvas).getPropertyValue('--ink').trim();
    this.paper = getComputedStyle(canvas).getPropertyValue('--paper').trim();
    if (worn && map.wear) this.drawWear(scale, map.wear.counts);
    else this.draw(scale);
  }

  /** The block at a place, -1 where none is. */
  at(x: number, y: number): number {
    const column = Math.floor(x / this.side);
    const index = (Math.floor(y / this.side) * this.columns + column) * this.per;
    return column >= 0 && column < this.columns && index >= 0 && index < this.map.kinds.length ? index : -1;
  }

  /** Marks the blocks of an owner, and one block; -1 for none. */
  mark(owner: number, index: number): void {
    const key = `${owner} ${index}`;
    if (this.marked === key) return;
    this.marked = key;
    const { context, plain, side } = this;
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, plain.width, plain.height);
    context.drawImage(plain, 0, 0);
    context.restore();
    context.fillStyle = this.accent;
    if (owner >= 0)
      for (let i = this.starts[owner]; i < this.starts[owner + 1]; i++) {
        const [x, y] = this.place(this.sorted[i]);
        context.fillRect(x, y, side - 1, side - 1);
      }
    if (index < 0) return;
    const [x, y] = this.place(index);
    // Within the square, so that it is whole at the edge of the map.
    const line = Math.max(1, Math.min(3, side / 5));
    for (const [colour, width] of [
      [this.paper, line * 2],
      [this.ink, line],
    ] as const) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.strokeRect(x + width / 2, y + width / 2, side - 1 - width, side - 1 - width);
    }
  }

  /** Marks these blocks, and nothing else. */
  markAll(blocks: number[]): void {
    this.marked = '';
    this.mark(-1, -1);
    this.context.fillStyle = this.accent;
    for (const block of blocks) {
      const [x, y] = this.place(block);
      if (block < this.map.kinds.length) this.context.fillRect(x, y, this.side - 1, this.side - 1);
    }
  }

  private place(block: number): [x: number, y: number] {
    const square = Math.floor(block / this.per);
    return [(square % this.columns) * this.side, Math.floor(square / this.columns) * this.side];
  }

  /** From hardly to most often, by powers of two. */
  private drawWear(scale: number, counts: Uint32Array): void {
    const { per, side } = this;
    const style = getComputedStyle(this.canvas);
    const [none, most] = ['--free', '--bad'].map((name) => style.getPropertyValue(name).trim());
    const context = this.plain.getContext('2d') as CanvasRenderingContext2D;
    context.scale(scale, scale);
    const top = Math.log2(1 + counts.reduce((a, b) => Math.max(a, b), 1));
    for (let block = 0; block < counts.length; block += per) {
      const count = counts.subarray(block, block + per).reduce((a, b) => Math.max(a, b), 0);
      const share = Math.round((100 * Math.log2(1 + count)) / top);
      context.fillStyle = none;
      const [x, y] = this.place(block);
      context.fillRect(x, y, side - 1, side - 1);
      context.fillStyle = most;
      context.globalAlpha = share / 100;
      context.fillRect(x, y, side - 1, side - 1);
      context.globalAlpha = 1;
    }
  }

  private draw(scale: number): void {
    const { map, per, side } = this;
    const { kinds, owners } = map;
    const style = getComputedStyle(this.canvas);
    const colours = kindNames.map((name) => style.getPropertyValue(`--${name}`).trim());
    const shades = Array.from({ length: SHADES }, (_, i) => style.getPropertyValue(`--file-${i}`).trim());
    const context = this.plain.getContext('2d') as CanvasRenderingContext2D;
    context.scale(scale, scale);
    for (let block = 0; block < kinds.length; block += per) {
      let shown = block;
      // Of several the one counts that is not free.
      for (let i = block + 1; i < Math.min(block + per, kinds.length); i++) if (RANK[kinds[i]] > RANK[kinds[shown]]) shown = i;
      const kind = kinds[shown];
      context.fillStyle = kind === DATA ? shades[owners[shown] % SHADES] : colours[kind];
      const [x, y] = this.place(block);
      context.fillRect(x, y, side - 1, side - 1);
    }
  }
}

/** What is shown of several blocks, by kind: erased, free, data, directory, system, lost, bad. */
const RANK = [1, 3, 2, 4, 6, 5, 0];

function byOwner({ owners, paths }: BlockMap): [Int32Array, Int32Array] {
  const starts = new Int32Array(paths.length + 1);
  for (const owner of owners) if (owner >= 0) starts[owner + 1]++;
  for (let i = 0; i < paths.length; i++) starts[i + 1] += starts[i];
  const next = starts.slice();
  const sorted = new Int32Array(starts[paths.length]);
  owners.forEach((owner, block) => {
    if (owner >= 0) sorted[next[owner]++] = block;
  });
  return [sorted, starts];
}
