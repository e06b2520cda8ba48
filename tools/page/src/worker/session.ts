/** An image that is open: its parts, their volumes, and what is done to them. */
import type { VfsError } from '../../../../modules/contract/errno';
import type { BlockDevice } from '../../../../modules/contract/filesystem';
import { VfsLfs2 } from '../../../../modules/littlefs2';
import { salvageLfs2 } from '../../../../modules/littlefs2/check/salvage';
import { type BlockMap, blockMap } from '../../../blocks';
import { describer } from '../../../dump/describe';
import { romSize } from '../../../dump/romfs';
import { mediumDevice } from '../../../places/device';
import { detect, deviceFor, type Format } from '../../../places/formats';
import { isBlank, type Medium, piece, windowOf } from '../../../places/medium';
import { type Entry, removeAll, type Tree } from '../../../places/tree';
import { describeVolume, type Info, tableOf } from '../../../verbs/facts';
import type { Block, Changes, Checked, Content, Details, Given, Opened, PartInfo, Run, Search } from './api';
import { addGiven } from './files';
import { type Base, Layer } from './layer';
import { PageVolume } from './page-volume';
import { beginning, blobOf, search } from './reading';
import { remade } from './remade';

interface Part {
  name: string;
  offset: number;
  medium: Medium;
  /** What the table says that it holds. */
  told: string | undefined;
  format: Format | undefined;
  volume: PageVolume | undefined;
}

/** Bytes of files that a search looks at. */
const MOST_SEARCHED = 64 << 20;

export class Session {
  readonly name: string;
  private readonly fixed: boolean;
  private readonly layer: Layer;
  private readonly parts: Part[];
  private readonly title: string;
  private readonly problem: string | undefined;

  /** @param fixed whether it stands for a place whose size cannot change */
  constructor(name: string, base: Base, fixed = false) {
    this.name = name;
    this.fixed = fixed;
    this.layer = new Layer(base);
    let table: ReturnType<typeof tableOf>;
    try {
      table = tableOf(this.layer, name);
    } catch (error) {
      this.problem = (error as Error).message;
    }
    const regions = table?.regions.filter(({ offset, size }) => offset + size <= base.size) ?? [];
    this.parts = regions.map(({ name: label, offset, size, holds }) => ({
      name: label,
      offset,
      medium: windowOf(this.layer, offset, size, label),
      told: holds,
      format: undefined,
      volume: undefined,
    }));
    if (!this.parts.length)
      this.parts.push({ name: '', offset: 0, medium: this.layer, told: undefined, format: undefined, volume: undefined });
    this.recognise();
    this.title = table?.title ?? this.infoOf(this.parts[0]).holds;
  }

  opened(): Opened {
    const { name, title, problem } = this;
    return { name, size: this.layer.size, title, parts: this.parts.map((part) => this.infoOf(part)), ...(problem && { problem }) };
  }

  async list(part: number, path: string): Promise<Entry[]> {
    return this.volume(part).list(path, true);
  }

  /** What a volume is like, as far as it tells. */
  async info(part: number): Promise<Info> {
    const { name, medium, format } = this.parts[part];
    const { holds } = this.infoOf(this.parts[part]);
    const told: Info = {
      place: name || this.name,
      size: medium.size,
      holds: format?.name ?? 'unknown',
      title: holds,
      facts: {},
      regions: [],
    };
    if (!format) return told;
    try {
      return { ...told, ...(await describeVolume(this.volume(part), medium, format)) };
    } catch (error) {
      return { ...told, problem: (error as Error).message };
    }
  }

  /** The beginning of a file. */
  async read(part: number, path: string, most: number): Promise<Content> {
    return beginning(this.volume(part), path, most);
  }

  async file(part: number, path: string): Promise<Blob> {
    return blobOf(this.volume(part), path);
  }

  tree(part: number): Tree {
    return this.volume(part);
  }

  /** Paths whose names hold a text, and with `contents` those of files that hold it. */
  async search(part: number, text: string, contents: boolean): Promise<Search> {
    return search(this.volume(part), text, contents ? MOST_SEARCHED : 0);
  }

  details(part: number, path: string): Details {
    const { volume } = this.volume(part);
    const { attributes, listattr, getattr } = volume as unknown as {
      attributes?(path: string): Details['attributes'];
      listattr?(path: string): number[];
      getattr?(path: string, type: number): Uint8Array | undefined;
    };
    return {
      ...(attributes && path !== '/' && { attributes: attributes.call(volume, path) }),
      ...(listattr && {
        user: listattr.call(volume, path).map((type) => ({ type, hex: hexOf(getattr?.call(volume, path, type) ?? new Uint8Array(0)) })),
      }),
    };
  }

  map(part: number): BlockMap {
    return blockMap(this.volume(part), this.parts[part].medium);
  }

  /** A block of a volume, or of what is no volume that is known. @param offset from the begin of the part; of no matter where `number` is that of a cluster */
  block(part: number, offset: number, size: number, number: number): Block {
    const { medium, format, offset: begin } = this.parts[part];
    const bytes = piece(medium, offset, Math.min(size, medium.size - offset)) as Uint8Array<ArrayBuffer>;
    const unit = format ? format.blockSize(medium) : size;
    // A cluster is described by its sectors.
    const describe = describer(format?.name ?? '', medium, unit);
    const described = { what: '', notes: [] as Block['notes'] };
    for (let at = 0; at < bytes.length; at += unit) {
      const { what, notes } = describe(bytes.subarray(at, at + unit), (offset + at) / unit);
      described.what ||= what;
      for (const note of notes) described.notes.push({ ...note, at: note.at + at });
    }
    return { number, offset: begin + offset, bytes, ...described };
  }

  check(part: number): Checked {
    const { format, medium } = this.parts[part];
    if (!format) return { format: '', findings: [], sound: false, problem: 'no volume that is known' };
    const { check } = format.driver;
    if (!check)
      return { format: format.title, findings: [], sound: true, problem: `${format.title} is not checked: an image is made anew` };
    this.close(part);
    try {
      const findings = check(deviceFor(format, medium), {});
      return { format: format.title, findings, sound: !findings.some(({ level }) => level !== 'info') };
    } catch (error) {
      if (!(error as VfsError).code) throw error;
      return { format: format.title, findings: [], sound: false, problem: (error as Error).message };
    }
  }

  /** Puts right what can be; where that is not all, a littlefs 2 is made anew of what can be read. @returns what was done */
  async repair(part: number): Promise<string> {
    const { format, medium } = this.parts[part];
    const check = format?.driver.check;
    if (!format || !check) throw new Error('it cannot be repaired');
    this.close(part);
    const isSound = (): boolean => !check(deviceFor(format, medium), {}).some(({ level }) => level !== 'info');
    try {
      await this.layer.change('repair', async () => {
        check(deviceFor(format, medium), { repair: true });
        if (!isSound()) throw new Error('not all could be repaired: nothing was changed');
      });
      return 'Repaired: the volume is sound.';
    } catch (error) {
      if (format.name !== 'lfs2') throw error;
    }
    return this.layer.change('rescue', async () => {
      const size = format.blockSize(medium);
      const saved = rescue(mediumDevice(this.before(part), size), mediumDevice(medium, size));
      if (!isSound() || !(saved.files || saved.directories)) throw new Error('nothing could be saved: nothing was changed');
      const lost = saved.complete ? '' : ' Not all of it could be saved.';
      return `Made anew of what could be read: ${saved.files} files, ${saved.directories} directories.${lost}`;
    });
  }

  mkdir(part: number, path: string): Promise<void> {
    return this.change(part, `new folder ${path}`, (tree) => tree.mkdir(path));
  }

  rename(part: number, from: string, to: string): Promise<void> {
    return this.change(part, `${from} → ${to}`, (tree) => tree.rename(from, to));
  }

  remove(part: number, paths: string[]): Promise<void> {
    return this.change(part, `delete ${some(paths)}`, async (tree) => {
      for (const path of paths) await removeAll(tree, path, await tree.stat(path));
    });
  }

  write(part: number, path: string, bytes: Uint8Array): Promise<void> {
    return this.change(part, `edit ${path}`, (tree) => tree.write(path, [bytes]));
  }

  /** Puts files of the user into a directory, over what has the same names. */
  upload(part: number, into: string, given: Given[]): Promise<void> {
    return this.change(part, `add ${some(given.map(({ path }) => path))}`, async (tree) => {
      await addGiven(tree, into, given);
    });
  }

  utime(part: number, path: string, mtime: number): Promise<void> {
    return this.change(part, `time of ${path}`, (tree) => tree.utime(path, mtime));
  }

  setAttributes(part: number, path: string, changes: object): Promise<void> {
    return this.change(part, `attributes of ${path}`, async ({ volume }) => {
      (volume as unknown as { setAttributes(path: string, changes: object): void }).setAttributes(path, changes);
    });
  }

  /** Sets a user attribute of a littlefs 2. @param hex bytes in hexadecimal; undefined removes it */
  setUserAttribute(part: number, path: string, type: number, hex: string | undefined): Promise<void> {
    return this.change(part, `attribute ${type} of ${path}`, async ({ volume }) => {
      if (!(volume instanceof VfsLfs2)) throw new Error('it has no user attributes');
      if (hex === undefined) volume.removeattr(path, type);
      else volume.setattr(path, type, bytesOfHex(hex));
    });
  }

  /** @returns what was taken back; undefined if there is nothing */
  undo(): string | undefined {
    const label = this.layer.undo();
    this.parts.forEach((_, part) => {
      this.close(part);
    });
    this.recognise();
    return label;
  }

  changes(): Changes {
    return { labels: this.layer.labels, bytes: this.layer.changed };
  }

  /** What is not as it was when the image was opened. */
  differing(): Run[] {
    return this.layer.differing();
  }

  image(): Promise<Blob> {
    return this.layer.blob();
  }

  private before(part: number): Medium {
    const { offset, medium, name } = this.parts[part];
    return windowOf(this.layer.snapshot(), offset, medium.size, name);
  }

  private recognise(): void {
    for (const part of this.parts) part.format = detect(part.medium);
  }

  private infoOf({ name, offset, medium, told, format }: Part): PartInfo {
    const holds = format?.title ?? (isBlank(medium) ? 'blank' : told || 'nothing that is known');
    return { name, offset, size: medium.size, format: format?.name, holds };
  }

  private volume(number: number): PageVolume {
    const part = this.parts[number];
    const { format, medium, name } = part;
    if (!format) throw new Error('no volume that is known');
    part.volume ??= new PageVolume(name || this.name, format, () => format.create(deviceFor(format, medium)));
    return part.volume;
  }

  /** Forgets what was read of a volume. */
  private close(part: number): void {
    this.parts[part].volume = undefined;
  }

  /** Puts an image of ROMFS in the place of the one that is there. @throws Error if there is no room for it */
  private putRom(part: number, image: Uint8Array): void {
    const { medium } = this.parts[part];
    const before = romSize(medium);
    // An image that is nothing but a ROM is as long as that is.
    const free = medium === this.layer && !this.fixed;
    if (free && (image.length > medium.size || before === medium.size)) this.layer.resize(image.length);
    if (image.length > medium.size) throw new Error(`there is no room: the image would have ${image.length} bytes of ${medium.size}`);
    medium.write(0, image);
    const end = Math.min(before, medium.size);
    if (end > image.length) medium.write(image.length, new Uint8Array(end - image.length).fill(0xff));
  }

  /** A step of its own, after which the volume is whole on its medium. */
  private async change(part: number, label: string, work: (tree: PageVolume) => Promise<void>): Promise<void> {
    try {
      await this.layer.change(label, async () => {
        const tree = this.volume(part);
        if (tree.format === 'rom') {
          this.putRom(part, await remade(tree, work));
          return;
        }
        await work(tree);
        tree.close();
      });
    } finally {
      this.close(part);
    }
  }
}

/** `a.txt`, `a.txt and 3 more`. */
function some(paths: string[]): string {
  return paths.length > 1 ? `${paths[0]} and ${paths.length - 1} more` : paths[0];
}

/** @throws Error if it is none */
function bytesOfHex(hex: string): Uint8Array {
  const digits = hex.replace(/\s/g, '');
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`'${hex}' are no bytes in hexadecimal`);
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** Copies what can be read of a littlefs 2 into a fresh one. */
function rescue(from: BlockDevice, to: BlockDevice) {
  const count = to.ioctl?.(4, 0) as number;
  for (let block = 0; block < count; block++) to.ioctl?.(6, block);
  VfsLfs2.mkfs(to);
  const volume = new VfsLfs2(to, { mtime: false });
  volume.mount(false, false);
  const saved = salvageLfs2(from, volume);
  volume.umount();
  return saved;
}
