/** Rooms of `modules/`, built as one bundle for a device (`test/rooms/`), run in the engines that are here. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getQuickJS } from 'quickjs-emscripten';
import { findProgram, programs } from '../../tools/engines/external';
import { outputOf } from './program';

/** `vfs` is the bundle in the script. */
const whole = (bundle: string, script: string, bare: boolean): string =>
  `${bare ? 'var console={log:print};\n' : ''}var vfs=(function(exports){${bundle}\nreturn exports;})({});\n${script}`;

async function inQuickJs(source: string): Promise<string[]> {
  const vm = (await getQuickJS()).newContext();
  const lines: string[] = [];
  const print = vm.newFunction('print', (...args) => void lines.push(args.map((one) => vm.getString(one)).join(' ')));
  vm.setProp(vm.global, 'print', print);
  const result = vm.evalCode(source);
  if (result.error) lines.push('ERROR ' + JSON.stringify(vm.dump(result.error)));
  (result.error ?? result.value).dispose();
  // What promises have put off.
  vm.runtime.executePendingJobs();
  print.dispose();
  vm.dispose();
  return lines;
}

async function inProgram(engine: string, source: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'microvfs-room-'));
  try {
    writeFileSync(join(folder, 'test.js'), source);
    const output = await outputOf(findProgram(engine), [join(folder, 'test.js')], { cwd: folder, timeout: 300000 });
    // Before what a timer prints Espruino clears the line of its prompt.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it does so with one
    const lines = output.split(/\r?\n/).map((line) => line.replace(/^>\r\u001b\[J/, ''));
    return lines.filter((line) => line && line !== '>');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The lines that a script prints in an engine that is a program, timers and all that comes later included. */
export function runRoomsIn(engine: string, bundle: string, script: string): Promise<string[]> {
  return inProgram(engine, whole(bundle, script, !!programs[engine].bareConsole || engine === 'duktape'));
}

/** The lines that a script prints by `console.log`, by engine: QuickJS, and what else is installed. */
export async function runRooms(bundle: string, script: string): Promise<{ [engine: string]: string[] }> {
  const lines: { [engine: string]: string[] } = { quickjs: await inQuickJs(whole(bundle, script, true)) };
  for (const engine of Object.keys(programs)) {
    try {
      findProgram(engine);
    } catch {
      continue;
    }
    lines[engine] = await runRoomsIn(engine, bundle, script);
  }
  return lines;
}
