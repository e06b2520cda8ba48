import * as vfs from 'vfs';

const MOST = 4096;

/** Appends a line, and begins a new file when there are more than 4 kB. */
export function appendLine(path: string, text: string): void {
  if (vfs.exists(path) && vfs.stat(path)[6] + text.length > MOST) vfs.rename(path, `${path}.old`);
  const file = vfs.open(path, 'a');
  file.write(`${text}\n`);
  file.close();
}
