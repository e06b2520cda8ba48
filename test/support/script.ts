/** File operations as data: done on a file system, and on a plain model of what must come out. */
import { hex, type LittleFs, open, pattern, type Snapshot, writeFile } from './lfs2';

export type Operation =
  | ['mkdir' | 'rmdir' | 'remove', string]
  /** Path, length, seed of the content. */
  | ['write' | 'append', string, number, number]
  /** Path, position, length, seed: changes bytes in place. */
  | ['overwrite', string, number, number, number]
  | ['truncate', string, number]
  | ['rename', string, string]
  /** Path, length of a first append that is synced, length of a second before the close, seed. */
  | ['log', string, number, number, number]
  | ['setattr', string, number, string]
  | ['removeattr', string, number];

export function perform(fs: LittleFs, operation: Operation): void {
  const path = operation[1];
  switch (operation[0]) {
    case 'mkdir':
      fs.mkdir(path);
      break;
    case 'rmdir':
      fs.rmdir(path);
      break;
    case 'remove':
      fs.remove(path);
      break;
    case 'rename':
      fs.rename(path, operation[2]);
      break;
    case 'write':
      writeFile(fs, path, pattern(operation[2], operation[3]));
      break;
    case 'append':
      writeFile(fs, path, pattern(operation[2], operation[3]), 'a');
      break;
    case 'overwrite':
    case 'truncate':
    case 'log':
      change(fs, operation);
      break;
    case 'setattr':
      fs.setattr?.(path, operation[2], Uint8Array.from(Buffer.from(operation[3], 'hex')));
      break;
    case 'removeattr':
      fs.removeattr?.(path, operation[2]);
  }
}

/** Operations on an open file. After an error the file is closed too, as a script's `finally` would. */
function change(fs: LittleFs, operation: Operation & ['overwrite' | 'truncate' | 'log', ...unknown[]]): void {
  const file = open(fs, operation[1], operation[0] === 'log' ? 'a' : 'r+');
  try {
    if (operation[0] === 'overwrite') file.writeAt(operation[2], pattern(operation[3], operation[4]));
    else if (operation[0] === 'truncate') file.truncate(operation[2]);
    else {
      file.writeAt(file.size(), pattern(operation[2], operation[4]));
      file.sync();
      file.writeAt(file.size(), pattern(operation[3], operation[4] + 1));
    }
  } catch (error) {
    try {
      file.close();
    } catch {
      // The first error is the one to tell.
    }
    throw error;
  }
  file.close();
}

/**
 * The trees that the operation passes through, from (without) the one before it to (with) the one after it. Creating a
 * file and filling it are two steps, so an empty new file is one of them.
 */
export function expected(before: Snapshot, operation: Operation): Snapshot[] {
  const path = operation[1];
  const [body, ...attrs] = (before[path] ?? '').split(' ');
  const withBody = (content: string): Snapshot => ({ ...before, [path]: [content, ...attrs].join(' ') });
  const steps: Snapshot[] = [];
  if (!(path in before) && ['write', 'append', 'log'].includes(operation[0])) steps.push(withBody(''));
  switch (operation[0]) {
    case 'mkdir':
      steps.push({ ...before, [path]: 'dir' });
      break;
    case 'rmdir':
    case 'remove': {
      const { [path]: _, ...rest } = before;
      steps.push(rest);
      break;
    }
    case 'rename': {
      const moved: Snapshot = {};
      for (const key of Object.keys(before)) {
        if (key === path || key.startsWith(path + '/')) moved[operation[2] + key.slice(path.length)] = before[key];
        else if (!(key in moved) && key !== operation[2]) moved[key] = before[key];
      }
      steps.push(moved);
      break;
    }
    case 'write':
      steps.push(withBody(hex(pattern(operation[2], operation[3]))));
      break;
    case 'append':
      steps.push(withBody(body + hex(pattern(operation[2], operation[3]))));
      break;
    case 'overwrite': {
      const gap = body.padEnd(operation[2] * 2, '0');
      steps.push(
        withBody(gap.slice(0, operation[2] * 2) + hex(pattern(operation[3], operation[4])) + gap.slice((operation[2] + operation[3]) * 2)),
      );
      break;
    }
    case 'truncate':
      steps.push(withBody(body.padEnd(operation[2] * 2, '0').slice(0, operation[2] * 2)));
      break;
    case 'log': {
      const synced = body + hex(pattern(operation[2], operation[4]));
      steps.push(withBody(synced), withBody(synced + hex(pattern(operation[3], operation[4] + 1))));
      break;
    }
    case 'setattr':
    case 'removeattr': {
      const rest = attrs.filter((attr) => !attr.startsWith(operation[2] + '='));
      if (operation[0] === 'setattr') rest.push(`${operation[2]}=${operation[3]}`);
      rest.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
      steps.push({ ...before, [path]: [body, ...rest].join(' ') });
    }
  }
  return steps;
}
