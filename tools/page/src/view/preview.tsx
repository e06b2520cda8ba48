import { useSignal } from '@preact/signals';
import { Fragment } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { baseName } from '../../../places/tree';
import type { Content, Details } from '../worker/api';
import { Code } from './code';
import { explored, live } from './explored';
import { NameForm } from './name';
import {
  changes,
  download,
  need,
  part,
  partInfo,
  remove,
  rename,
  saveText,
  selected,
  selectedEntry,
  setAttribute,
  setTime,
  setUserAttribute,
  writable,
} from './state';
import { hexRows, humanSize, pictureType, textOf } from './text';

/** Of a larger file so much is shown. */
const SHOWN = 256 * 1024;
const HEX_ROWS = 4096;

/** The file that is selected. */
export function Preview() {
  const full = selected.value;
  const entry = selectedEntry.value;
  if (!full || !entry) return null;
  return <Shown key={full} full={full} directory={entry.kind === 'directory'} mtime={entry.mtime} />;
}

function Shown({ full, directory, mtime }: { full: string; directory: boolean; mtime: number | undefined }) {
  const content = useSignal<Content | undefined>(undefined);
  const details = useSignal<Details>({});
  const failed = useSignal('');
  const hex = useSignal(false);
  const renaming = useSignal(false);
  const edited = useSignal<string | undefined>(undefined);
  const step = changes.value;
  // Which of the loads counts: what an earlier one brings, or one from before a change, is out of date.
  const latest = useRef(0);
  useEffect(() => {
    const load = async (): Promise<void> => {
      const own = ++latest.current;
      try {
        const read = directory ? undefined : await explored.value.read(part.value, full, SHOWN);
        const told = await explored.value.details(part.value, full);
        if (own !== latest.current) return;
        content.value = read;
        details.value = told;
        failed.value = '';
      } catch (error) {
        if (own === latest.current) failed.value = (error as Error).message;
      }
    };
    load();
  }, [full, step]);
  const loaded = content.value;
  const text = loaded && textOf(loaded.bytes);
  const whole = loaded && loaded.bytes.length === loaded.size;
  return (
    <section class="preview" aria-label={`File ${baseName(full)}`}>
      <div class="bar">
        <h2>{baseName(full)}</h2>
        <button type="button" class="plain" aria-label="Close the file" onClick={() => (selected.value = '')}>
          ✕
        </button>
      </div>
      {renaming.value ? (
        <NameForm
          label="New name, or a path to move it to"
          value={baseName(full)}
          done={(name) => {
            renaming.value = false;
            if (name) rename(full, name);
          }}
        />
      ) : (
        <div class="bar">
          <button type="button" onClick={() => download(full, directory)}>
            Download
          </button>
          <button type="button" disabled={!writable.value} onClick={() => (renaming.value = true)}>
            Rename
          </button>
          <button type="button" disabled={!writable.value} onClick={() => confirm(`Delete ${full}?`) && remove(full)}>
            Delete
          </button>
          {!live.value && (
            <button type="button" onClick={() => need('blocks')}>
              Blocks
            </button>
          )}
          {text !== undefined && whole && edited.value === undefined && (
            <button type="button" disabled={!writable.value} onClick={() => (edited.value = text)}>
              Edit
            </button>
          )}
          {loaded && text !== undefined && (
            <button type="button" aria-pressed={hex.value} onClick={() => (hex.value = !hex.value)}>
              Hex
            </button>
          )}
        </div>
      )}
      {failed.value && <p class="trouble">{failed.value}</p>}
      {edited.value !== undefined ? (
        <Editor
          text={edited.value}
          done={async (changed) => {
            if (changed === undefined || (await saveText(full, changed))) edited.value = undefined;
          }}
        />
      ) : (
        loaded && <Body full={full} content={loaded} text={hex.value ? undefined : text} />
      )}
      <About
        full={full}
        mtime={mtime}
        details={details.value}
        size={loaded?.size}
        change={(name, value) => {
          // Shown before it is done; what came of it is read then.
          latest.current++;
          const { attributes } = details.value;
          if (attributes) details.value = { ...details.value, attributes: { ...attributes, [name]: value } };
          setAttribute(full, name, value);
        }}
      />
    </section>
  );
}

function Body({ full, content, text }: { full: string; content: Content; text: string | undefined }) {
  const { bytes, size } = content;
  const type = pictureType(full);
  const whole = bytes.length === size;
  if (!size) return <p class="quiet">It is empty.</p>;
  if (type && whole && text === undefined) return <Picture type={type} bytes={bytes} name={baseName(full)} />;
  const rows = text === undefined ? hexRows(bytes, 0, Math.min(bytes.length, HEX_ROWS * 16), 0) : [];
  const cut = text === undefined ? bytes.length > HEX_ROWS * 16 || !whole : !whole;
  return (
    <>
      {type === 'image/svg+xml' && whole && <Picture type={type} bytes={bytes} name={baseName(full)} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached with the keyboard */}
      <section class="content" tabIndex={0} aria-label="Content">
        {text === undefined ? <pre class="hex">{rows.join('\n')}</pre> : <Code text={text} path={full} />}
      </section>
      {cut && <p class="quiet">The beginning of {humanSize(size)}.</p>}
    </>
  );
}

function Picture({ type, bytes, name }: { type: string; bytes: Uint8Array<ArrayBuffer>; name: string }) {
  const url = useSignal('');
  useEffect(() => {
    url.value = URL.createObjectURL(new Blob([bytes], { type }));
    return () => URL.revokeObjectURL(url.value);
  }, [bytes, type, url]);
  return url.value ? <img class="picture" src={url.value} alt={name} /> : null;
}

function Editor({ text, done }: { text: string; done: (changed: string | undefined) => void }) {
  const now = useSignal(text);
  return (
    <form
      class="editor"
      onSubmit={(event) => {
        event.preventDefault();
        done(now.value);
      }}
    >
      <textarea
        aria-label="Content"
        spellcheck={false}
        value={now.value}
        onInput={(event) => (now.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 's' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          done(now.value);
        }}
      />
      <div class="bar">
        <button type="submit" class="main">
          Write
        </button>
        <button type="button" onClick={() => done(undefined)}>
          Cancel
        </button>
      </div>
    </form>
  );
}

interface AboutProps {
  full: string;
  mtime: number | undefined;
  details: Details;
  size: number | undefined;
  /** Sets an attribute. */
  change: (name: string, value: boolean) => void;
}

function About({ full, mtime, details, size, change }: AboutProps) {
  const times = partInfo.value?.format !== 'rom' && partInfo.value?.format !== 'lfs1';
  return (
    <dl class="facts">
      {size !== undefined && (
        <>
          <dt>size</dt>
          <dd>{size} bytes</dd>
        </>
      )}
      {times && (
        <>
          <dt>
            <label for="mtime">changed (UTC)</label>
          </dt>
          <dd>
            <input
              id="mtime"
              type="datetime-local"
              step="1"
              disabled={!writable.value}
              value={mtime === undefined ? '' : new Date(mtime * 1000).toISOString().slice(0, 19)}
              onChange={(event) => {
                const seconds = Date.parse(`${event.currentTarget.value}Z`) / 1000;
                if (Number.isFinite(seconds)) setTime(full, seconds);
              }}
            />
          </dd>
        </>
      )}
      {details.attributes && (
        <>
          <dt>attributes</dt>
          <dd>
            {Object.entries(details.attributes).map(([name, value]) => (
              <label key={name} class="flag">
                <input
                  type="checkbox"
                  checked={value}
                  disabled={!writable.value}
                  onChange={(event) => change(name, event.currentTarget.checked)}
                />
                {name}
              </label>
            ))}
          </dd>
        </>
      )}
      {details.user && <UserAttributes full={full} user={details.user} />}
    </dl>
  );
}

/** Attributes that users have set on a littlefs 2, and a way to set more. */
function UserAttributes({ full, user }: { full: string; user: NonNullable<Details['user']> }) {
  const type = useSignal('');
  const hex = useSignal('');
  return (
    <>
      {user.map((one) => (
        <Fragment key={one.type}>
          <dt>attribute {one.type}</dt>
          <dd class="bar">
            <input
              aria-label={`Attribute ${one.type} in hexadecimal`}
              disabled={!writable.value}
              value={one.hex}
              onChange={(event) => setUserAttribute(full, one.type, event.currentTarget.value)}
            />
            <button
              type="button"
              aria-label={`Remove attribute ${one.type}`}
              disabled={!writable.value}
              onClick={() => setUserAttribute(full, one.type, undefined)}
            >
              ✕
            </button>
          </dd>
        </Fragment>
      ))}
      <dt>
        <label for="attribute-type">new attribute</label>
      </dt>
      <dd>
        <form
          class="bar"
          onSubmit={async (event) => {
            event.preventDefault();
            if (await setUserAttribute(full, Number(type.value), hex.value)) type.value = hex.value = '';
          }}
        >
          <input
            id="attribute-type"
            type="number"
            min={0}
            max={255}
            required
            placeholder="type"
            title="0 to 255"
            value={type.value}
            onInput={(event) => (type.value = event.currentTarget.value)}
          />
          <input
            aria-label="Its bytes in hexadecimal"
            placeholder="01 ff"
            value={hex.value}
            onInput={(event) => (hex.value = event.currentTarget.value)}
          />
          <button type="submit" disabled={!writable.value}>
            Set
          </button>
        </form>
      </dd>
    </>
  );
}
