/** What was typed on the console of simulated boards, in the user's folder for such things. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const MOST = 1000;

function path(): string {
  const { XDG_STATE_HOME, LOCALAPPDATA } = process.env;
  const state = process.platform === 'win32' && LOCALAPPDATA ? LOCALAPPDATA : XDG_STATE_HOME || join(homedir(), '.local', 'state');
  return join(state, 'microvfs', 'history');
}

/** The last ones first. */
export function readHistory(): string[] {
  try {
    const lines = readFileSync(path(), 'utf8').split('\n').filter(Boolean);
    if (lines.length > 2 * MOST) writeFileSync(path(), lines.slice(-MOST).join('\n') + '\n');
    return lines.slice(-MOST).reverse();
  } catch {
    return [];
  }
}

/** Where it cannot be kept, it is not. */
export function appendHistory(line: string): void {
  try {
    mkdirSync(dirname(path()), { recursive: true, mode: 0o700 });
    appendFileSync(path(), line + '\n', { mode: 0o600 });
  } catch {
    // A home that cannot be written.
  }
}
