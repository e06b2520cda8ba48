import { useRef } from 'preact/hooks';
import { writeBack } from './chip-state';
import { chip, choosing, live, region } from './explored';
import { ofFiles } from './given';
import { busy, changes, closeImage, image, openGiven, saveImage, trying, undo } from './state';
import { humanSize } from './text';
import { nextTheme, theme } from './theme';

export function Header() {
  const picker = useRef<HTMLInputElement>(null);
  const opened = image.value;
  const { labels } = changes.value;
  const isFree = (): boolean => !labels.length || confirm('There are changes that are not saved. Go on without them?');
  const another = (): void => {
    if (isFree()) choosing.value = true;
  };
  return (
    <header>
      <h1>
        <button
          type="button"
          class="plain brand"
          onClick={() => {
            if (trying.value) trying.value = false;
            else if (isFree()) closeImage();
          }}
        >
          <img src="./icon.svg" alt="" width="24" height="24" />
          microvfs
        </button>
      </h1>
      {opened && !trying.value && (
        <div class="title">
          <b>{opened.name}</b>
          <span class="quiet">
            {opened.title}
            {opened.size > 0 && `, ${humanSize(opened.size)}`}
          </span>
        </div>
      )}
      <div class="actions">
        {live.value && (
          <button type="button" onClick={closeImage}>
            Disconnect
          </button>
        )}
        {chip.value && region.value && (
          <>
            <button type="button" disabled={!labels.length || !!busy.value} class={labels.length ? 'main' : ''} onClick={writeBack}>
              Write to the chip…
            </button>
            <button type="button" disabled={!!busy.value} onClick={another}>
              Another part…
            </button>
            <button type="button" disabled={!!busy.value} onClick={() => isFree() && closeImage()}>
              Disconnect
            </button>
          </>
        )}
        {opened && !live.value && !trying.value && (
          <>
            <button type="button" disabled={!labels.length} title="Ctrl+Z" onClick={undo}>
              Undo
            </button>
            <button
              type="button"
              class={labels.length && !chip.value ? 'main' : ''}
              title={chip.value ? undefined : 'Ctrl+S'}
              onClick={saveImage}
            >
              Save image
            </button>
          </>
        )}
        <button type="button" onClick={() => isFree() && picker.current?.click()}>
          Open…
        </button>
        <input
          ref={picker}
          type="file"
          hidden
          aria-label="Image to open"
          onChange={(event) => {
            const input = event.currentTarget;
            trying.value = false;
            openGiven(ofFiles(input.files ?? []));
            input.value = '';
          }}
        />
        <button
          type="button"
          class="plain"
          title={`Colours: ${theme.value}`}
          aria-label={`Colours: ${theme.value}. Change`}
          onClick={nextTheme}
        >
          {{ auto: '◐', light: '☀', dark: '☾' }[theme.value]}
        </button>
      </div>
      {labels.length > 0 && !trying.value && (
        <details class="changes">
          <summary>{labels.length === 1 ? '1 change' : `${labels.length} changes`} not saved</summary>
          <ol>
            {labels.map((label, i) => (
              <li key={i}>{label}</li>
            ))}
          </ol>
        </details>
      )}
    </header>
  );
}
