import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type BlockMap, DATA, kindNames, type Wear } from '../../../blocks/map';
import { worker } from '../worker';
import type { Block } from '../worker/api';
import { Grid } from './grid';
import { goTo, map, part, partInfo, selected } from './state';
import { hexRows, humanSize } from './text';
import { repaint } from './theme';

/** What each block is, and the one that is looked at. */
export function Blocks() {
  const shown = map.value;
  const block = useSignal<Block | undefined>(undefined);
  const index = useSignal(-1);
  const pointed = useSignal(-1);
  const worn = useSignal(false);
  const look = async (at: number): Promise<void> => {
    if (!shown || at < 0 || at >= shown.kinds.length) return;
    index.value = at;
    const { offset, unit, first, base } = areaOf(shown, at);
    block.value = offset < 0 ? undefined : await worker.block(part.value, offset + (at - first) * unit, unit, at - first + base);
  };
  useEffect(() => {
    block.value = undefined;
    index.value = -1;
  }, [shown]);
  if (!shown) return <p class="quiet">{partInfo.value?.format ? '' : 'There is no volume that is known.'}</p>;
  const owner = shown.paths.indexOf(selected.value);
  return (
    <section class="blocks" aria-label="Blocks">
      {shown.problem && <p class="trouble">Not all of it can be read: {shown.problem}</p>}
      <Legend shown={shown} />
      {shown.wear && <WearBar wear={shown.wear} worn={worn.value} toggle={() => (worn.value = !worn.value)} />}
      <div class="with-block">
        <div>
          <Canvas shown={shown} worn={worn.value} owner={owner} index={index.value} point={(at) => (pointed.value = at)} pick={look} />
          <p class="pointed">{told(shown, pointed.value >= 0 ? pointed.value : index.value)}</p>
          <Chosen shown={shown} owner={owner} />
          <label class="number-of">
            Block in the map
            <input
              type="number"
              min={0}
              max={shown.kinds.length - 1}
              value={index.value < 0 ? '' : index.value}
              onChange={(event) => look(event.currentTarget.valueAsNumber)}
            />
          </label>
        </div>
        {index.value >= 0 && <Looked shown={shown} index={index.value} block={block.value} />}
      </div>
    </section>
  );
}

function areaOf({ areas }: BlockMap, index: number): BlockMap['areas'][number] {
  return areas.find(({ first, count }) => index >= first && index < first + count) ?? areas[0];
}

function told(shown: BlockMap, index: number): string {
  if (index < 0) return 'Point at a block, or choose one with the arrow keys.';
  const { term, first, base } = areaOf(shown, index);
  const owner = shown.owners[index];
  const count = shown.wear?.counts[index];
  const wear = count ? `, ${shown.wear?.term} ${count}` : '';
  return `${term} ${index - first + base}: ${kindNames[shown.kinds[index]]}${owner < 0 ? '' : ` ${shown.paths[owner]}`}${wear}`;
}

function Legend({ shown }: { shown: BlockMap }) {
  const counts = new Array<number>(kindNames.length).fill(0);
  for (const kind of shown.kinds) counts[kind]++;
  return (
    <ul class="legend">
      {kindNames.map((name, kind) =>
        counts[kind] ? (
          <li key={name}>
            <i class={`kind-${name}`} /> {name} {counts[kind]}
          </li>
        ) : null,
      )}
      {shown.areas.map(({ name, unit, count }) => (
        <li key={name} class="quiet">
          {name}: {count} × {humanSize(unit)}
        </li>
      ))}
    </ul>
  );
}

function WearBar({ wear, worn, toggle }: { wear: Wear; worn: boolean; toggle: () => void }) {
  const most = wear.counts.reduce((a, b) => Math.max(a, b), 0);
  return (
    <p class="bar">
      <button type="button" aria-pressed={worn} onClick={toggle}>
        Wear
      </button>
      <span class="quiet">{worn ? `by ${wear.term}, up to ${most}; what is grey does not tell` : `what was written most often`}</span>
    </p>
  );
}

/** The file whose blocks are marked. */
function Chosen({ shown, owner }: { shown: BlockMap; owner: number }) {
  if (!selected.value) return null;
  let blocks = 0;
  let pieces = 0;
  shown.owners.forEach((one, at) => {
    if (one !== owner || owner < 0) return;
    blocks++;
    if (!at || shown.owners[at - 1] !== owner) pieces++;
  });
  return (
    <p>
      <b>{selected.value}</b>:{' '}
      {blocks
        ? `${blocks === 1 ? '1 block' : `${blocks} blocks`} in ${pieces === 1 ? 'one piece' : `${pieces} pieces`}, marked`
        : 'no blocks of its own: it lies in its directory, or is empty'}{' '}
      <button type="button" class="plain link" onClick={() => (selected.value = '')}>
        unmark
      </button>
    </p>
  );
}

interface CanvasProps {
  shown: BlockMap;
  worn: boolean;
  owner: number;
  index: number;
  point: (index: number) => void;
  pick: (index: number) => void;
}

function Canvas({ shown, worn, owner, index, point, pick }: CanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const grid = useRef<Grid | undefined>(undefined);
  const colours = repaint.value;
  // What is to be marked when it is drawn anew.
  const marked = useRef({ owner, index });
  marked.current = { owner, index };
  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement;
    const draw = (): void => {
      grid.current = new Grid(element, shown, worn);
      grid.current.mark(marked.current.owner, marked.current.index);
    };
    const watch = new ResizeObserver(draw);
    watch.observe((element.parentElement as HTMLElement).parentElement as HTMLElement);
    return () => watch.disconnect();
  }, [shown, colours, worn]);
  useEffect(() => grid.current?.mark(owner, index), [owner, index]);
  const at = (event: MouseEvent): number => grid.current?.at(event.offsetX, event.offsetY) ?? -1;
  return (
    <button
      type="button"
      class="map plain"
      aria-label={`Map of ${shown.kinds.length} blocks. ${told(shown, index)}`}
      onPointerMove={(event) => {
        const over = at(event);
        point(over);
        grid.current?.mark(over >= 0 && shown.owners[over] >= 0 ? shown.owners[over] : owner, index);
      }}
      onPointerLeave={() => {
        point(-1);
        grid.current?.mark(owner, index);
      }}
      onClick={(event) => {
        const over = at(event);
        // With the keyboard nothing is pointed at.
        if (over < 0 || !event.detail) return;
        pick(over);
        const path = shown.paths[shown.owners[over]];
        selected.value = shown.kinds[over] === DATA && path ? path : selected.value;
      }}
      onKeyDown={(event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: grid.current?.columns ?? 1, ArrowUp: -(grid.current?.columns ?? 1) }[
          event.key
        ];
        if (!step) return;
        event.preventDefault();
        pick(Math.min(Math.max(index + step * (grid.current?.per ?? 1), 0), shown.kinds.length - 1));
      }}
    >
      <canvas ref={canvas} />
    </button>
  );
}

/** Rows of what is explained, and of what is not. */
const ROWS = 4;
const REST = 256;

function Looked({ shown, index, block }: { shown: BlockMap; index: number; block: Block | undefined }) {
  const path = shown.paths[shown.owners[index]];
  return (
    <section class="looked" aria-label="The block">
      <h2>{told(shown, index)}</h2>
      {path?.startsWith('/') && (
        <p>
          <button type="button" onClick={() => goTo(path, shown.kinds[index] !== DATA)}>
            Show {path}
          </button>
        </p>
      )}
      {block ? <Bytes key={`${block.offset}`} block={block} /> : <p class="quiet">Under wear levelling it lies now here, now there.</p>}
    </section>
  );
}

/** The commits of a log, to see it as it was after each of them. */
function Timeline({ last, at, go }: { last: number; at: number; go: (commit: number) => void }) {
  return (
    <div class="timeline">
      <label for="commit">
        Commit {at} of {last}
      </label>
      <input id="commit" type="range" min={1} max={last} value={at} onInput={(event) => go(event.currentTarget.valueAsNumber)} />
    </div>
  );
}

function Bytes({ block }: { block: Block }) {
  const { bytes, offset, what, notes } = block;
  const last = notes.reduce((most, { commit }) => Math.max(most, commit ?? 0), 0);
  const chosen = useSignal(last);
  const commit = Math.min(chosen.value, last);
  const sorted = notes.filter((note) => (note.commit ?? 0) <= commit).sort((a, b) => a.at - b.at);
  const end = notes.reduce((most, { at, length }) => Math.max(most, at + length), 0);
  const rest = hexRows(bytes, end, Math.min(bytes.length, end + REST * 16), offset);
  return (
    <>
      <p class="quiet">
        at 0x{offset.toString(16)}, {humanSize(bytes.length)}: {what}
      </p>
      {last > 1 && <Timeline last={last} at={commit} go={(to) => (chosen.value = to)} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached with the keyboard */}
      <section class="content" tabIndex={0} aria-label="Bytes of the block">
        <ol class="notes">
          {sorted.map((note, i) => {
            const rows = hexRows(bytes, note.at, Math.min(note.at + note.length, bytes.length), offset);
            const old = note.superseded !== undefined && note.superseded <= commit;
            return (
              <li key={i} class={old ? 'old' : note.commit === commit && last > 1 ? 'new' : ''}>
                <span>
                  {note.commit !== undefined && <small>{note.commit}</small>} {note.text}
                  {old && <small> superseded by {note.superseded}</small>}
                </span>
                <pre class="hex">{rows.slice(0, ROWS).join('\n') + (rows.length > ROWS ? '\n…' : '')}</pre>
              </li>
            );
          })}
        </ol>
        {rest.length > 0 && commit === last && <pre class="hex">{rest.join('\n')}</pre>}
      </section>
    </>
  );
}
