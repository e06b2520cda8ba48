/** What the user drops or picks, with the folders' content. */
import type { Given } from '../worker/api';

const seconds = ({ lastModified }: File): number => Math.floor(lastModified / 1000);

export function ofFiles(list: Iterable<File>): Given[] {
  return [...list].map((file) => ({
    path: file.webkitRelativePath.replace(/^[^/]+\//, '') || file.name,
    blob: file,
    mtime: seconds(file),
  }));
}

/** Of one folder what is in it; of several things each by its name. */
export async function ofDrop({ items, files }: DataTransfer): Promise<Given[]> {
  const dropped = [...items].map((item) => item.webkitGetAsEntry()).filter((one): one is FileSystemEntry => !!one);
  if (!dropped.some(({ isDirectory }) => isDirectory)) return ofFiles(files);
  const given: Given[] = [];
  const alone = dropped.length === 1;
  for (const one of dropped) await gather(one, alone ? '' : one.name, given);
  return given;
}

async function gather(entry: FileSystemEntry, path: string, into: Given[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail));
    into.push({ path: path || file.name, blob: file, mtime: seconds(file) });
    return;
  }
  if (path) into.push({ path });
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // It gives a hundred at a time.
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (!some.length) return;
    for (const one of some) await gather(one, path ? `${path}/${one.name}` : one.name, into);
  }
}
