/** Shortening an open file. */
import { ctzIndex, findBlock, readContent } from './content';
import { fs, type OpenFile } from './volume';
import { endWriting } from './writer';

/** Shortens the file: the list ends earlier, or becomes inline. */
export function cut(f: OpenFile, size: number): void {
  const v = fs;
  endWriting(f);
  f._changed = true;
  f._clean = -1;
  if (!f._inline) {
    const index = size > v._inlineMax ? ctzIndex(size - 1) : -1;
    f._shared = Math.min(f._shared, index + 1);
    if (index >= 0) f._head = findBlock(f, index);
    else {
      const content = new Uint8Array(v._inlineMax);
      readContent(f, 0, content.subarray(0, size));
      f._inline = content;
    }
    f._seen = [];
  }
  f._size = size;
}
