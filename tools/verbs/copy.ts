/** Copying and moving, either way and between images. */

import { hostTree } from '../places/host';
import { isImage, type OpenPlace, type PlaceOptions, withPlaces } from '../places/open';
import type { Report } from '../places/report';
import {
  baseName,
  type Entry,
  isWithin,
  joined,
  makeDirectory,
  PlaceError,
  parentOf,
  placeText,
  removeAll,
  type Tree,
  walk,
} from '../places/tree';
import { UsageError } from '../usage';
import { expand, type Found } from './glob';

export interface CpOptions extends PlaceOptions {
  /** Directories, with all that is in them. Default false. */
  recursive?: boolean;
  /** The copies get the times of their originals. Default: now. */
  preserve?: boolean;
  /** Also over a file of the host that is an image, or the bytes of a part of one. Default false. */
  force?: boolean;
}

export interface Copied {
  files: number;
  directories: number;
  bytes: number;
}

/** What one file or directory becomes. */
interface Task {
  from: Tree;
  path: string;
  entry: Entry;
  to: Tree;
  target: string;
}

/**
 * Copies files and directories. Into a directory that is there each goes by its own name; what stands with a `/` at its end, and the root
 * of a volume, is what is in the directory.
 * @param to where to; the name that a single source gets, or a directory
 * @throws PlaceError, UsageError for what is not there or cannot be; nothing is changed in images then
 */
export function cp(from: string[], to: string, options: CpOptions = {}, report: Report = {}): Promise<Copied> {
  return withPlaces(options, async (open) => {
    const sources = await expand(open, from, 'file');
    const target = openTarget(open.open(to, 'file'), options);
    const tasks: Task[] = [];
    for (const { source, path } of await targets(sources, target)) await plan(source, target.tree, path, options, tasks, report);
    return run(tasks, options, report);
  });
}

export interface MvOptions extends PlaceOptions {
  /** As `CpOptions.force`. */
  force?: boolean;
}

/**
 * Moves or renames files and directories; between volumes they are copied, with their times, and then removed.
 * @throws as `cp`
 */
export async function mv(from: string[], to: string, options: MvOptions = {}, report: Report = {}): Promise<void> {
  const copied = await withPlaces(options, async (open) => {
    const sources = await expand(open, from, 'file');
    const target = openTarget(open.open(to, 'file'), options);
    const elsewhere: Found[] = [];
    for (const { source, path } of await targets(sources, target)) {
      const { tree } = source;
      if (source.path === '/' && tree.title)
        throw new UsageError(`${placeText(tree, '/')}: the root of a volume cannot be moved; cp -r copies it`);
      if (tree === target.tree) {
        await tree.rename(source.path, path);
        continue;
      }
      const tasks: Task[] = [];
      await plan(source, target.tree, path, { recursive: true }, tasks, report);
      await run(tasks, { preserve: true }, report);
      elsewhere.push(source);
    }
    return elsewhere;
  });
  // Only when the copies are where they belong.
  await withPlaces(options, async (open) => {
    for (const { place, path, entry } of copied) {
      const tree = place.board ? open.onBoard() : place.image ? open.volume(open.part(place.host, place.image)) : hostTree;
      await removeAll(tree, path, entry);
    }
  });
}

/** An image, or a part of one, is not overwritten by a file that should have gone into it. */
function openTarget(target: OpenPlace, { force }: { force?: boolean }): OpenPlace {
  const { host, image, board, inside, text } = target.place;
  if (!force && !board && (image ? !inside : isImage(host)))
    throw new UsageError(
      `${text} is ${image ? 'part of an image' : 'an image'}: ${text}:/ is what is in it (--force overwrites its bytes)`,
    );
  return target;
}

/** Where each source goes. */
async function targets(sources: Found[], { tree, path, place }: OpenPlace): Promise<{ source: Found; path: string }[]> {
  const there = await tree.stat(path);
  const into = there?.kind === 'directory';
  if (!into && (sources.length > 1 || (place.contents && there)))
    throw new UsageError(`${placeText(tree, path)} is not a directory${there ? '' : ' that is there'}`);
  if (!into && place.contents && sources[0].entry.kind === 'file')
    throw new UsageError(`${placeText(tree, path)} is not a directory that is there: mkdir makes it`);
  return sources.map((source) => {
    const whole = source.place.contents && source.entry.kind === 'directory';
    return { source, path: into && !whole ? joined(path, baseName(source.path) || source.entry.name) : path };
  });
}

/** What is to be done for one source, directories before what is in them. */
async function plan(source: Found, to: Tree, target: string, options: CpOptions, tasks: Task[], report: Report): Promise<void> {
  const { tree: from, path, entry } = source;
  if (from === to && isWithin(target, path))
    throw new UsageError(`${placeText(from, path)} cannot be copied ${target === path ? 'onto' : 'into'} itself`);
  // What is named itself is read whatever it is: a pipe, /dev/null.
  if (entry.kind !== 'directory') return add({ from, path, entry: { ...entry, kind: 'file' }, to, target }, tasks, report);
  if (!options.recursive) throw new UsageError(`${placeText(from, path)} is a directory: -r copies what is in it`);
  add({ from, path, entry, to, target }, tasks, report);
  for await (const step of walk(from, path, options.preserve))
    add({ from, path: step.path, entry: step.entry, to, target: joined(target, step.relative) }, tasks, report);
}

function add(task: Task, tasks: Task[], report: Report): void {
  if (task.entry.kind === 'other') report.note?.(`${placeText(task.from, task.path)}: neither file nor directory, passed over`);
  else tasks.push(task);
}

async function run(tasks: Task[], options: { preserve?: boolean }, report: Report): Promise<Copied> {
  const copied: Copied = { files: 0, directories: 0, bytes: 0 };
  const total = tasks.reduce((sum, { entry }) => sum + entry.size, 0);
  for (const { from, path, entry, to, target } of tasks) {
    const mtime = options.preserve ? (entry.mtime ?? (await from.stat(path))?.mtime) : undefined;
    if (entry.kind === 'directory') {
      if (await makeDirectory(to, target, mtime)) copied.directories++;
      continue;
    }
    if (to.title === '' && (await to.stat(parentOf(target)))?.kind !== 'directory')
      throw new PlaceError('ENOENT', target, 'the directory is not there: mkdir makes it');
    const began = copied.bytes;
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const piece of from.read(path)) {
        copied.bytes += piece.length;
        report.progress?.(copied.bytes, total, target);
        yield piece;
      }
    };
    await to.write(target, counted(), mtime);
    copied.files++;
    if (copied.bytes === began) report.progress?.(copied.bytes, total, target);
  }
  return copied;
}
