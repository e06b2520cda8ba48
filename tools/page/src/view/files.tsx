import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { baseName, joined, parentOf } from '../../../places/tree';
import { live } from './explored';
import { ofFiles } from './given';
import { NameForm } from './name';
import { Preview } from './preview';
import {
  branches,
  contents,
  download,
  entries,
  find,
  found,
  makeFolder,
  openDirectory,
  partInfo,
  path,
  remove,
  rename,
  search,
  selected,
  toggleBranch,
  trouble,
  upload,
  writable,
} from './state';
import { humanSize, timeOf } from './text';

export function Files() {
  return (
    <div class="files">
      <nav class="tree" aria-label="Folders">
        <Branch full="/" />
      </nav>
      <section class="list" aria-label="Files" data-drop="files">
        <Bar />
        {trouble.value ? <p class="trouble">{trouble.value}</p> : <List />}
      </section>
      <Preview />
    </div>
  );
}

function Branch({ full }: { full: string }) {
  const inside = branches.value[full];
  return (
    <ul>
      <li>
        <div class="branch">
          <button
            type="button"
            class="plain twist"
            aria-expanded={!!inside}
            aria-label={`${full === '/' ? 'Root' : baseName(full)}: what is in it`}
            onClick={() => toggleBranch(full)}
          >
            {inside ? '▾' : '▸'}
          </button>
          <button
            type="button"
            class="plain"
            aria-current={path.value === full ? 'true' : undefined}
            onClick={() => {
              selected.value = '';
              openDirectory(full);
            }}
          >
            {full === '/' ? '/' : baseName(full)}
          </button>
        </div>
        {inside?.map((one) => (
          <Branch key={one} full={one} />
        ))}
      </li>
    </ul>
  );
}

function Bar() {
  const picker = useRef<HTMLInputElement>(null);
  const naming = useSignal(false);
  const names = path.value.split('/').filter(Boolean);
  return (
    <>
      <div class="bar">
        <nav aria-label="Place" class="crumbs">
          <button type="button" class="plain" onClick={() => openDirectory('/')}>
            {partInfo.value?.name || 'volume'}
          </button>
          {names.map((name, i) => {
            const full = `/${names.slice(0, i + 1).join('/')}`;
            return (
              <span key={full}>
                /
                <button
                  type="button"
                  class="plain"
                  aria-current={full === path.value ? 'page' : undefined}
                  onClick={() => openDirectory(full)}
                >
                  {name}
                </button>
              </span>
            );
          })}
        </nav>
        <input
          type="search"
          placeholder={contents.value ? 'Search names and contents' : 'Search names'}
          aria-label={`Search names ${contents.value ? 'and contents ' : ''}in the volume`}
          value={search.value}
          disabled={!!trouble.value}
          onInput={(event) => find(event.currentTarget.value)}
        />
        {!live.value && (
          <label class="flag">
            <input
              type="checkbox"
              checked={contents.value}
              onChange={(event) => {
                contents.value = event.currentTarget.checked;
                find(search.value);
              }}
            />
            in contents
          </label>
        )}
      </div>
      <div class="bar">
        <button type="button" disabled={!writable.value} onClick={() => picker.current?.click()}>
          Add files…
        </button>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          aria-label="Files to add"
          onChange={(event) => {
            upload(ofFiles(event.currentTarget.files ?? []));
            event.currentTarget.value = '';
          }}
        />
        <button type="button" disabled={!writable.value} onClick={() => (naming.value = true)}>
          New folder
        </button>
        <button type="button" disabled={!!trouble.value} onClick={() => download(path.value, true)}>
          Download as zip
        </button>
      </div>
      {naming.value && (
        <NameForm
          label="Name of the new folder"
          value=""
          done={(name) => {
            naming.value = false;
            if (name) makeFolder(name);
          }}
        />
      )}
    </>
  );
}

function Icon({ directory }: { directory: boolean }) {
  return (
    <svg class={directory ? 'icon folder' : 'icon'} viewBox="0 0 16 16" aria-hidden="true">
      {directory ? <path d="M1 3h5l2 2h7v8H1z" /> : <path d="M3 1h7l3 3v11H3zM10 1v3h3" />}
    </svg>
  );
}

function List() {
  const list = found.value ?? entries.value.map((entry) => ({ ...entry, path: joined(path.value, entry.name) }));
  const renaming = useSignal('');
  if (renaming.value)
    return (
      <NameForm
        label="New name, or a path to move it to"
        value={baseName(renaming.value)}
        done={(name) => {
          const from = renaming.value;
          renaming.value = '';
          if (name) rename(from, name);
        }}
      />
    );
  const open = (full: string, kind: string): void => {
    if (kind === 'directory') {
      selected.value = '';
      find('');
      openDirectory(full);
    } else selected.value = full;
  };
  const key = (event: KeyboardEvent, full: string): void => {
    const rows = [...(event.currentTarget as Element).closest('tbody')!.querySelectorAll<HTMLButtonElement>('button.name')];
    const at = rows.indexOf(event.target as HTMLButtonElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (next !== undefined) rows[Math.min(Math.max(next, 0), rows.length - 1)]?.focus();
    else if (event.key === 'Backspace') openDirectory(parentOf(path.value));
    else if (event.key === 'F2' && writable.value) renaming.value = full;
    else if (event.key === 'Delete' && writable.value && confirm(`Delete ${full}?`)) remove(full);
    else return;
    event.preventDefault();
  };
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col" class="number">
            Size
          </th>
          <th scope="col" class="time">
            Changed (UTC)
          </th>
        </tr>
      </thead>
      <tbody>
        {list.map(({ name, path: full, kind, size, mtime, hidden, readonly }) => (
          <tr key={full} class={selected.value === full ? 'selected' : ''}>
            <td>
              <button
                type="button"
                class={hidden ? 'plain name hidden' : 'plain name'}
                aria-current={selected.value === full ? 'true' : undefined}
                onClick={() => open(full, kind)}
                onKeyDown={(event) => key(event, full)}
              >
                <Icon directory={kind === 'directory'} />
                {found.value ? full : name}
                {kind === 'directory' ? '/' : ''}
                {readonly && <small> read-only</small>}
              </button>
            </td>
            <td class="number">{kind === 'directory' ? '' : humanSize(size)}</td>
            <td class="time">{timeOf(mtime)}</td>
          </tr>
        ))}
        {!list.length && (
          <tr>
            <td colSpan={3} class="quiet">
              {found.value
                ? `Nothing has such a name${contents.value ? ' or content' : ''}.`
                : 'Nothing is in here. Drop files to add them.'}
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
