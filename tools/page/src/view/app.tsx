import { useSignal } from '@preact/signals';
import { lazy, Suspense } from 'preact/compat';
import { useEffect } from 'preact/hooks';
import { About } from './about';
import { Blocks } from './blocks';
import { Check } from './check';
import { writeBack } from './chip-state';
import { Choose } from './choose';
import { Create } from './create';
import { chip, choosing, live, progress, region } from './explored';
import { Files } from './files';
import { ofDrop } from './given';
import { Header } from './header';
import { Start } from './start';
import {
  busy,
  image,
  making,
  need,
  notice,
  openGiven,
  openPart,
  part,
  saveImage,
  say,
  type Tab,
  tab,
  trying,
  undo,
  upload,
  writable,
} from './state';
import { humanSize } from './text';

const BoardTerminal = lazy(async () => ({ default: (await import('../port/console-view')).BoardTerminal }));
const Bundle = lazy(async () => ({ default: (await import('../port/bundle-view')).Bundle }));
const Board = lazy(async () => ({ default: (await import('../board/board')).Board }));

const OF_IMAGES: [Tab, string][] = [
  ['files', 'Files'],
  ['blocks', 'Blocks'],
  ['check', 'Check'],
  ['about', 'About'],
];
const OF_BOARDS: [Tab, string][] = [
  ['files', 'Files'],
  ['console', 'Console'],
  ['bundle', 'Bundle'],
  ['about', 'About'],
];

export function App() {
  const dropping = useSignal(false);
  useEffect(() => {
    const over = (event: DragEvent): void => {
      event.preventDefault();
      dropping.value = true;
    };
    const leave = (event: DragEvent): void => {
      if (!event.relatedTarget) dropping.value = false;
    };
    const drop = async (event: DragEvent): Promise<void> => {
      event.preventDefault();
      dropping.value = false;
      const given = event.dataTransfer ? await ofDrop(event.dataTransfer) : [];
      // On the list of an open volume they are for that.
      const target = (event.target as Element).closest('[data-drop="files"]');
      if (given.length && target && writable.value) await upload(given);
      else await openGiven(given);
    };
    const key = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || isText(event.target) || !image.value) return;
      if (event.key === 'z') undo();
      else if (event.key === 's') save();
      else return;
      event.preventDefault();
    };
    const failed = (event: PromiseRejectionEvent): void => say(String(event.reason?.message ?? event.reason), true);
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    addEventListener('keydown', key);
    addEventListener('unhandledrejection', failed);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
      removeEventListener('keydown', key);
      removeEventListener('unhandledrejection', failed);
    };
  }, [dropping]);

  return (
    <div class={dropping.value ? 'page dropping' : 'page'}>
      <Header />
      <main>
        {trying.value ? (
          <Suspense fallback={<p class="quiet">Loading the board…</p>}>
            <Board />
          </Suspense>
        ) : image.value ? (
          <Explorer />
        ) : (
          <Start />
        )}
      </main>
      {making.value && <Create />}
      {choosing.value && <Choose />}
      <Notice />
    </div>
  );
}

/** A chip gets what was changed; an image is given to the user. */
const save = (): Promise<void> => (chip.value && region.value ? writeBack() : saveImage());

const isText = (target: EventTarget | null): boolean => target instanceof Element && target.matches('input, textarea, select');

function Notice() {
  return (
    <>
      <div class="busy" role="status">
        {busy.value && `${busy.value}…`}
        {busy.value && progress.value !== undefined && <progress value={progress.value} aria-label={busy.value} />}
      </div>
      <div role="alert">
        {notice.value && (
          <div class={notice.value.bad ? 'notice bad' : 'notice'}>
            <span>{notice.value.text}</span>
            <button type="button" class="plain" aria-label="Close this message" onClick={() => (notice.value = undefined)}>
              ✕
            </button>
          </div>
        )}
      </div>
    </>
  );
}

function Explorer() {
  const opened = image.value;
  if (!opened) return null;
  const tabs = live.value ? OF_BOARDS : OF_IMAGES;
  return (
    <>
      {opened.problem && <p class="trouble">{opened.problem}</p>}
      {(opened.parts.length > 1 || opened.parts[0].name) && <Parts />}
      <div class="tabs" role="tablist" aria-label="Views">
        {tabs.map(([name, title]) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={tab.value === name}
            aria-controls="view"
            tabIndex={tab.value === name ? 0 : -1}
            onClick={() => need(name)}
            onKeyDown={(event) => {
              const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
              if (!step) return;
              const next = tabs[(tabs.findIndex(([one]) => one === name) + step + tabs.length) % tabs.length][0];
              need(next);
              document.getElementById(`tab-${next}`)?.focus();
            }}
          >
            {title}
          </button>
        ))}
      </div>
      <div id="view" role="tabpanel" aria-labelledby={`tab-${tab.value}`} class={`view view-${tab.value}`}>
        {tab.value === 'files' && <Files />}
        {tab.value === 'blocks' && <Blocks />}
        {tab.value === 'check' && <Check />}
        {tab.value === 'about' && <About />}
        <Suspense fallback={<p class="quiet">Loading…</p>}>
          {tab.value === 'console' && <BoardTerminal />}
          {tab.value === 'bundle' && <Bundle />}
        </Suspense>
      </div>
    </>
  );
}

/** The partitions, as they lie. */
function Parts() {
  const parts = image.value?.parts ?? [];
  return (
    <nav class="parts" aria-label="Partitions">
      {parts.map(({ name, size, holds }, number) => (
        <button
          key={number}
          type="button"
          aria-current={part.value === number ? 'true' : undefined}
          onClick={() => openPart(number)}
          style={{ flexGrow: Math.max(1, Math.log2(size / 4096)) }}
        >
          <b>{name}</b>
          <span>
            {holds}, {humanSize(size)}
          </span>
        </button>
      ))}
    </nav>
  );
}
