import './board.css';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Grid } from '../view/grid';
import { openGiven, trying } from '../view/state';
import { openTerminal } from '../view/terminal';
import { repaint } from '../view/theme';
import { examples } from './examples';
import { changed, counts, cutAt, image, led, map, newChip, onLine, power, powerOff, powerOn, run, running, type Shown } from './state';

/** A simulated board: power, button, LED, console, and its flash while it changes. */
export function Board() {
  return (
    <div class="board">
      <section aria-label="Board" class="panel">
        <Panel />
        <Flash />
      </section>
      <section aria-label="Console" class="console">
        <Console />
        <Input />
      </section>
    </div>
  );
}

const HOLDS: [ms: number, title: string][] = [
  [0, 'not pressed'],
  [1200, 'held for two flashes: safe mode'],
  [2300, 'held for three flashes: factory reset'],
];

function Panel() {
  const hold = useSignal(0);
  const writes = useSignal(3);
  return (
    <>
      <div class="bar">
        <h2>A simulated ESP32</h2>
        <span class={led.value ? 'led lit' : 'led'} role="img" aria-label={led.value ? 'LED1 is on' : 'LED1 is off'} />
        <button
          type="button"
          class={power.value === 'off' ? 'main' : ''}
          aria-pressed={power.value !== 'off'}
          onClick={() => (power.value === 'off' ? powerOn(hold.value) : powerOff())}
        >
          {power.value === 'off' ? 'Power on' : 'Cut the power'}
        </button>
      </div>
      <div class="bar">
        <label for="hold">Button at power-on</label>
        <select id="hold" value={hold.value} onChange={(event) => (hold.value = Number(event.currentTarget.value))}>
          {HOLDS.map(([ms, title]) => (
            <option key={ms} value={ms}>
              {title}
            </option>
          ))}
        </select>
      </div>
      <form
        class="bar"
        onSubmit={(event) => {
          event.preventDefault();
          cutAt(writes.value);
        }}
      >
        <label for="writes">Cut the power in the middle of write</label>
        <input
          id="writes"
          type="number"
          min={1}
          required
          value={writes.value}
          onInput={(event) => (writes.value = event.currentTarget.valueAsNumber)}
        />
        <button type="submit" disabled={power.value !== 'on'}>
          from now on
        </button>
      </form>
      <div class="bar">
        <button
          type="button"
          disabled={!map.value}
          onClick={() => {
            const blob = image();
            if (!blob) return;
            trying.value = false;
            openGiven([{ path: 'board.bin', blob }]);
          }}
        >
          Open its flash
        </button>
        <button type="button" onClick={newChip}>
          A new chip
        </button>
      </div>
    </>
  );
}

function Flash() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const grid = useRef<Grid | undefined>(undefined);
  const drawn = map.value;
  const now = changed.value;
  const colours = repaint.value;
  const worn = useSignal(false);
  const show = worn.value;
  useEffect(() => {
    if (canvas.current && drawn) grid.current = new Grid(canvas.current, drawn, show);
  }, [drawn, colours, show]);
  useEffect(() => grid.current?.markAll(show ? [] : now), [now, drawn, colours, show]);
  const most = drawn?.wear?.counts.reduce((a, b) => Math.max(a, b), 0) ?? 0;
  const { programs, erases, reads } = counts.value;
  return (
    <div>
      <p>
        {programs} programs, {erases} erases, {reads} reads since power-on
      </p>
      <div>
        <div>
          <canvas ref={canvas} role="img" aria-label={`The volume on its flash; ${now.length} blocks changed by the last command`} />
        </div>
      </div>
      <p class="quiet">{drawn ? 'What the last command changed is marked.' : 'The map is there when the board has started.'}</p>
      {drawn && (
        <p class="bar">
          <button type="button" aria-pressed={show} onClick={() => (worn.value = !show)}>
            Wear
          </button>
          <span class="quiet">the block erased most often: {most} times since power-on</span>
        </p>
      )}
    </div>
  );
}

const COLOURS: { [kind in Shown['kind']]: string } = { out: '', in: '\x1b[36m', error: '\x1b[31m', note: '\x1b[33m' };

/** Text of a script does not move the cursor. */
const printable = (text: string): string =>
  text.replace(/\p{Cc}/gu, (char) => (char === '\t' ? '  ' : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`));

function Console() {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { terminal, close } = openTerminal(place.current as HTMLElement, { disableStdin: true, convertEol: true });
    const stop = onLine(({ text, kind }) => terminal.writeln(COLOURS[kind] + printable(text) + (COLOURS[kind] && '\x1b[0m')));
    return () => {
      stop();
      close();
    };
  }, []);
  return <div ref={place} class="terminal" />;
}

function Input() {
  const text = useSignal('');
  const history = useRef<string[]>([]);
  const at = useRef(0);
  const enter = (): void => {
    if (!text.value.trim() || running.value || power.value !== 'on') return;
    history.current.push(text.value);
    at.current = history.current.length;
    run(text.value);
    text.value = '';
  };
  const recall = (step: number): boolean => {
    const to = at.current + step;
    if (to < 0 || to > history.current.length) return false;
    at.current = to;
    text.value = history.current[to] ?? '';
    return true;
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        enter();
      }}
    >
      <textarea
        aria-label="Script for the board"
        placeholder={power.value === 'on' ? "require('vfs').listdir('/')   Enter runs it, Shift+Enter goes on" : 'Turn the power on first.'}
        rows={Math.min(12, Math.max(2, text.value.split('\n').length))}
        spellcheck={false}
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          const single = !text.value.includes('\n');
          if (event.key === 'Enter' && !event.shiftKey) enter();
          else if (!(event.key === 'ArrowUp' && single && recall(-1)) && !(event.key === 'ArrowDown' && single && recall(1))) return;
          event.preventDefault();
        }}
      />
      <div class="bar">
        <button type="submit" class="main" disabled={power.value !== 'on' || running.value}>
          {running.value && power.value === 'on' ? 'It runs…' : 'Run'}
        </button>
        <label for="example">Example</label>
        <select
          id="example"
          value=""
          onChange={(event) => {
            text.value = examples[event.currentTarget.value] ?? '';
            event.currentTarget.value = '';
          }}
        >
          <option value="">choose…</option>
          {Object.keys(examples).map((title) => (
            <option key={title}>{title}</option>
          ))}
        </select>
      </div>
    </form>
  );
}
