/** What is shown, and what is done: views read the signals and call these functions. */
import { computed, signal } from '@preact/signals';
import { baseName, joined, parentOf } from '../../../places/tree';
import { worker } from '../worker';
import type { BlockMap, Changes, Checked, Entry, Found, Given, Info, NewImage, Opened } from '../worker/api';
import { chip, choosing, explored, live, progress, region } from './explored';

export type Tab = 'files' | 'blocks' | 'check' | 'about' | 'console' | 'bundle';

export const image = signal<Opened | undefined>(undefined);
export const part = signal(0);
export const tab = signal<Tab>('files');
/** The directory that is listed, and what is in it. */
export const path = signal('/');
export const entries = signal<Entry[]>([]);
/** Why it cannot be listed. */
export const trouble = signal('');
/** Directories of the tree that are open, with the directories in them. */
export const branches = signal<{ [path: string]: string[] }>({});
/** The path that is looked at; '' for none. */
export const selected = signal('');
export const search = signal('');
export const found = signal<Found[] | undefined>(undefined);
export const changes = signal<Changes>({ labels: [], bytes: 0 });
export const info = signal<Info | undefined>(undefined);
export const map = signal<BlockMap | undefined>(undefined);
export const checked = signal<Checked | undefined>(undefined);
/** What is being done, and a line about what was done or went wrong. */
export const busy = signal('');
export const notice = signal<{ text: string; bad: boolean } | undefined>(undefined);
/** What a new image is to hold; undefined where none is being made. */
export const making = signal<{ given: Given[]; from: 'files' | 'volume' } | undefined>(undefined);

/** Whether the simulated board is shown. */
export const trying = signal(false);

export const partInfo = computed(() => image.value?.parts[part.value]);
export const writable = computed(() => !!partInfo.value?.format);
export const selectedEntry = computed(() => {
  const name = baseName(selected.value);
  return found.value?.find((one) => one.path === selected.value) ?? entries.value.find((one) => one.name === name);
});

export function say(text: string, bad = false): void {
  notice.value = { text, bad };
}

/** What is being done at once. */
let running = 0;

/** Does something that may take long and may fail. @returns whether it succeeded */
export async function doing(what: string, work: () => Promise<void>): Promise<boolean> {
  busy.value = what;
  running++;
  document.body.ariaBusy = 'true';
  try {
    await work();
    return true;
  } catch (error) {
    say((error as Error).message, true);
    return false;
  } finally {
    if (!--running) {
      busy.value = '';
      progress.value = undefined;
      document.body.ariaBusy = 'false';
    }
  }
}

export async function show(opened: Opened): Promise<void> {
  image.value = opened;
  const first = opened.parts.findIndex(({ format }) => format);
  tab.value = 'files';
  changes.value = await explored.value.changes();
  await showPart(Math.max(first, 0));
}

export function openPart(number: number): Promise<boolean> {
  return doing('opening', () => showPart(number));
}

async function showPart(number: number): Promise<void> {
  part.value = number;
  path.value = '/';
  selected.value = '';
  found.value = undefined;
  search.value = '';
  branches.value = {};
  forget();
  await openDirectory('/');
  if (trouble.value && partInfo.value?.format && !live.value) {
    tab.value = 'check';
    await check();
  } else await need(tab.value);
}

/** What was told of the volume before it changed. */
function forget(): void {
  info.value = map.value = checked.value = undefined;
}

export function openDirectory(directory: string): Promise<boolean> {
  return doing('reading', () => showDirectory(directory));
}

async function showDirectory(directory: string): Promise<void> {
  path.value = directory;
  trouble.value = '';
  try {
    entries.value = partInfo.value?.format ? await explored.value.list(part.value, directory) : [];
    if (!partInfo.value?.format) trouble.value = `There is no volume that is known: ${partInfo.value?.holds}.`;
    branches.value = { ...branches.value, [directory]: directoriesOf(entries.value, directory) };
  } catch (error) {
    entries.value = [];
    trouble.value = (error as Error).message;
  }
}

function directoriesOf(list: Entry[], directory: string): string[] {
  return list.filter(({ kind }) => kind === 'directory').map(({ name }) => joined(directory, name));
}

/** Opens a branch of the tree, or closes it. */
export async function toggleBranch(directory: string): Promise<void> {
  const { [directory]: there, ...others } = branches.value;
  if (there) branches.value = others;
  else
    await doing('reading', async () => {
      branches.value = { ...branches.value, [directory]: directoriesOf(await explored.value.list(part.value, directory), directory) };
    });
}

/** What a tab shows is asked for when it is looked at. */
export async function need(wanted: Tab): Promise<void> {
  tab.value = wanted;
  const number = part.value;
  if (!partInfo.value?.format) return;
  await doing('looking', async () => {
    if (wanted === 'about' && !info.value) info.value = await explored.value.info(number);
    if (wanted === 'check' && !checked.value) checked.value = await worker.check(number);
    if (wanted === 'blocks' && !map.value) map.value = await worker.map(number);
  });
}

export async function check(): Promise<void> {
  await doing('checking', async () => {
    checked.value = await worker.check(part.value);
  });
}

/** Opens files of the user: one image, or what a new image is made of. */
export async function openGiven(given: Given[]): Promise<void> {
  if (!given.length) return;
  const [{ blob, path: name }] = given;
  if (given.length > 1 || !blob) {
    making.value = { given, from: 'files' };
    return;
  }
  await doing(`opening ${name}`, async () => {
    await disconnect();
    const opened = await worker.open(blob, name);
    if (Array.isArray(opened)) making.value = { given: opened, from: 'files' };
    else await show(opened);
  });
}

export async function openUrl(url: string): Promise<void> {
  await doing(`opening ${url}`, async () => show(await worker.openUrl(url, decodeURIComponent(baseName(url)))));
}

export async function make(options: NewImage, { given, from }: { given: Given[]; from: 'files' | 'volume' }): Promise<void> {
  const done = await doing(`making ${options.name}`, async () => {
    await disconnect();
    await show(from === 'files' ? await worker.create(options, given) : await worker.convert(part.value, options));
  });
  if (done) making.value = undefined;
}

/** What is done with the image as it is. */
let kept: Promise<unknown> = Promise.resolve();

/** Does something that takes the image as it is: changes wait for its end. */
export function keeping(work: () => Promise<void>): Promise<void> {
  const result = work();
  kept = result.catch(() => {});
  return result;
}

/** Changes the volume and shows what is there then. @returns whether it succeeded */
export async function change(what: string, work: () => Promise<unknown>): Promise<boolean> {
  let done = false;
  await doing(what, async () => {
    done = await doing(what, async () => {
      await kept;
      await work();
    });
    // Also where it failed: a part of it may be to be seen.
    await refresh();
  });
  return done;
}

export async function refresh(): Promise<void> {
  changes.value = await explored.value.changes();
  const opened = await explored.value.opened();
  if (opened) image.value = opened;
  forget();
  const open = Object.keys(branches.value);
  await openDirectory(path.value);
  if (trouble.value && path.value !== '/') await openDirectory('/');
  const again: { [path: string]: string[] } = {};
  for (const one of open) {
    try {
      again[one] = directoriesOf(await explored.value.list(part.value, one), one);
    } catch {
      // It is gone.
    }
  }
  branches.value = again;
  if (found.value) await find(search.value);
  if (selected.value && !selectedEntry.value) selected.value = '';
  await need(tab.value);
}

export function upload(given: Given[]): Promise<boolean> {
  return change('adding files', () => explored.value.upload(part.value, path.value, given));
}

export async function makeFolder(name: string): Promise<void> {
  const full = joined(path.value, name);
  // Somebody may have gone elsewhere meanwhile.
  if ((await change('making a folder', () => explored.value.mkdir(part.value, full))) && path.value === parentOf(full))
    selected.value = full;
}

/** @param to a path, or a name in the same directory */
export async function rename(from: string, to: string): Promise<void> {
  const target = to.startsWith('/') ? to : joined(parentOf(from), to);
  if (target === from) return;
  if (await change('renaming', () => explored.value.rename(part.value, from, target)))
    selected.value = parentOf(target) === path.value ? target : '';
}

export async function remove(full: string): Promise<void> {
  selected.value = '';
  await change('deleting', () => explored.value.remove(part.value, [full]));
}

export function saveText(full: string, text: string): Promise<boolean> {
  return change('writing', () => explored.value.write(part.value, full, new TextEncoder().encode(text)));
}

export function setTime(full: string, mtime: number): Promise<boolean> {
  return change('setting the time', () => explored.value.utime(part.value, full, mtime));
}

export function setAttribute(full: string, name: string, value: boolean): Promise<boolean> {
  return change('setting an attribute', () => explored.value.setAttributes(part.value, full, { [name]: value }));
}

/** @param hex bytes in hexadecimal; undefined removes it */
export function setUserAttribute(full: string, type: number, hex: string | undefined): Promise<boolean> {
  return change('setting an attribute', () => worker.setUserAttribute(part.value, full, type, hex));
}

export async function undo(): Promise<void> {
  await change('undoing', async () => {
    const label = await explored.value.undo();
    if (label) say(`Undone: ${label}`);
  });
}

export async function repair(): Promise<void> {
  await change('repairing', async () => say(await worker.repair(part.value)));
}

/** Whether contents are searched, too. */
export const contents = signal(false);

export async function find(text: string): Promise<void> {
  search.value = text;
  if (!text) {
    found.value = undefined;
    return;
  }
  await doing('searching', async () => {
    // Not for each key: it may take a while.
    if (contents.value) await new Promise((done) => setTimeout(done, 250));
    if (search.value !== text) return;
    const list = await explored.value.search(part.value, text, contents.value);
    // What was typed meanwhile counts.
    if (search.value !== text) return;
    found.value = list.found;
    if (list.unread) say(`${list.unread} files were not read: only the first 64 MB are searched.`);
  });
}

/** Gives the user a file. */
export function give(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

export async function download(full: string, directory: boolean): Promise<void> {
  await doing('reading', async () => {
    const name = baseName(full) || image.value?.name.replace(/\.\w+$/, '') || 'volume';
    if (directory) give(await explored.value.zip(part.value, full), `${name}.zip`);
    else give(await explored.value.file(part.value, full), name);
  });
}

export async function saveImage(): Promise<void> {
  await doing('writing', async () => give(await worker.image(), image.value?.name ?? 'image.bin'));
}

/** Lets go of the board or chip that is connected, if one is. */
export async function disconnect(): Promise<void> {
  const [board, flash] = [live.value, chip.value];
  live.value = chip.value = region.value = undefined;
  choosing.value = false;
  explored.value = worker;
  await board?.close();
  await flash?.close();
}

export async function closeImage(): Promise<void> {
  if (!live.value) await worker.close();
  image.value = undefined;
  if (live.value || chip.value) await doing('disconnecting', disconnect);
  changes.value = { labels: [], bytes: 0 };
}

/** Goes to a file, wherever it is looked at from. */
export async function goTo(full: string, directory = false): Promise<void> {
  found.value = undefined;
  search.value = '';
  await openDirectory(directory ? full : parentOf(full));
  selected.value = directory ? '' : full;
  tab.value = 'files';
}
