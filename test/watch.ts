/**
 * `npm run watch -- NAME...` runs these tests again whenever a source changes; without a name it keeps `dist/` up to date.
 */
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { packagePath } from '../tools/dist';

const names = process.argv.slice(2);
const task = names.length ? ['test/run.ts', ...names] : ['tools/build/run.ts'];
/** An editor writes a file in several steps. */
const PAUSE_MS = 200;

let running = false;
let changed = false;
let timer: NodeJS.Timeout | undefined;

function run(): void {
  if (running) {
    changed = true;
    return;
  }
  running = true;
  changed = false;
  const child = spawn(process.execPath, ['--import', 'tsx', ...task], { cwd: packagePath('.'), stdio: 'inherit' });
  child.on('close', () => {
    running = false;
    if (changed) run();
  });
}

for (const folder of ['modules', 'boards', 'tools', 'test'])
  watch(packagePath(folder), { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(run, PAUSE_MS);
  });
run();
