/**
 * Runs test files, each in a process of its own, one more at a time than there are processors, and sums up what uvu counted: `npm test` all of them,
 * `npm test -- NAME...` those that are called `NAME.test.ts`, or have NAME in their name. What they need in `dist/` and is not up to
 * date is made before them, beside those that need nothing of it. The files that took longest the last time come first.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packagePath } from '../tools/dist';
import { buildPage } from '../tools/page/build';
import { compileTests } from './support/compile';
import { keepDurations, longestFirst, readDurations } from './support/durations';
import { browserPath } from './support/page';

interface Result {
  file: string;
  passed: number;
  failed: number;
  skipped: number;
  output: string;
  seconds: number;
}

/** Some wait for a browser or an engine. */
const AT_ONCE = availableParallelism() + 1;
/** What tests need in `dist/`. */
const BUILT = [
  'default',
  'test',
  'esp32-sd',
  'esp32-fat',
  'esp32-ro',
  'zephyr-sd',
  'zephyr-moddable',
  'rp2-kaluma',
  'stm32-native',
  'nrf52-native',
  'nrf52-small',
  'esp8266-small',
  'stm32-card',
  'nrf52-card',
];
const TIME_LIMIT = 600000;
/** Those that build, as `npm run build` does, would be a tenth of their time at the garbage collector more. */
const NODE_FLAGS = ['--min-semi-space-size=16', '--max-semi-space-size=64', '--single-threaded-gc'];
const DURATIONS = packagePath('dist/.durations.json');
const folder = dirname(fileURLToPath(import.meta.url));

function count(output: string, what: string): number {
  let sum = 0;
  for (const match of output.matchAll(new RegExp(`^\\s*${what}:\\s+(\\d+)\\s*$`, 'gm'))) sum += Number(match[1]);
  return sum;
}

/** @param script what `file` was compiled to; nothing where it has to be translated while it runs */
function runFile(file: string, script: string | undefined): Promise<Result> {
  const began = Date.now();
  return new Promise((done) => {
    // Escape codes would hide the counts.
    const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' };
    delete env.FORCE_COLOR;
    const child = spawn(
      process.execPath,
      [...NODE_FLAGS, ...(script ? ['--enable-source-maps', script] : ['--import', 'tsx', join(folder, file)])],
      {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: TIME_LIMIT,
      },
    );
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('close', (code, signal) => {
      const total = count(output, 'Total');
      const passed = count(output, 'Passed');
      // A line `SKIP: reason` stands for what could not run here.
      const skipped = count(output, 'Skipped') + (output.match(/(?:SKIP|skipped): /g) ?? []).length;
      let failed = total - passed - count(output, 'Skipped');
      if (code !== 0 && failed === 0) {
        failed = 1;
        output += `\n${file} ended with ${signal ?? 'exit code ' + code}\n`;
      } else if (total === 0 && skipped === 0) {
        failed = 1;
        output += `\n${file} ran no test\n`;
      }
      done({ file, passed, failed, skipped, output, seconds: (Date.now() - began) / 1000 });
    });
  });
}

function named(names: string[]): string[] {
  const all = readdirSync(folder)
    .filter((file) => file.endsWith('.test.ts'))
    .sort();
  if (!names.length) return all;
  const found = new Set<string>();
  for (const name of names) {
    const exact = `${name}.test.ts`;
    const matching = all.includes(exact) ? [exact] : all.filter((file) => file.includes(name));
    if (!matching.length) throw new Error(`no test file is called ${exact}, or has ${name} in its name`);
    for (const file of matching) found.add(file);
  }
  return [...found];
}

/** Builds, in a process of its own: tests run meanwhile. @throws Error if that fails */
function build(): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn('npm', ['run', '--silent', '--ignore-scripts', 'build', '--', ...BUILT], {
      cwd: packagePath('.'),
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
    });
    child.on('error', fail);
    child.on('close', (code) => (code === 0 ? done() : fail(new Error('dist/ could not be built'))));
  });
}

async function main(): Promise<void> {
  const names = process.argv.slice(2);
  const files = longestFirst(named(names), readDurations(DURATIONS));
  const compiled = await compileTests(folder, files).catch((error: Error) => {
    // Each file shows for itself whether it can be translated.
    console.log(`NOTE: not compiled before they run: ${error.message}`);
    return undefined;
  });
  const needsDist = (file: string) => compiled?.get(file)?.sources.has('tools/dist.ts') ?? true;
  const wantsPage = browserPath && files.some((file) => file.startsWith('page'));
  let built = !files.some(needsDist);
  const building = built
    ? Promise.resolve()
    : build()
        // Once, before several files of tests want it.
        .then(() => (wantsPage ? buildPage((line) => console.log(line)) : undefined))
        .then(() => {
          built = true;
        });
  // Without what is built, the rest would only say so.
  building.catch(() => files.splice(0));
  /** The next file that can run. */
  const next = async (): Promise<string | undefined> => {
    if (!built && files.every(needsDist)) await building;
    return files.splice(built ? 0 : files.findIndex((file) => !needsDist(file)), 1)[0];
  };
  const results: Result[] = [];
  const worker = async () => {
    for (let file = await next(); file; file = await next()) {
      const result = await runFile(file, compiled?.get(file)?.script);
      results.push(result);
      const skipped = result.skipped ? `, ${result.skipped} skipped` : '';
      console.log(`${result.failed ? 'FAIL' : 'ok  '} ${file}: ${result.passed} passed${skipped} (${result.seconds.toFixed(1)} s)`);
      for (const note of result.output.match(/(?:SKIP|skipped|NOTE): .*/g) ?? []) console.log('     ' + note);
      if (result.failed) console.log(result.output);
    }
  };
  // Building takes one of the places.
  await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => (i ? building.then(worker) : worker())));
  keepDurations(DURATIONS, results);
  const sum = (key: 'passed' | 'failed' | 'skipped') => results.reduce((all, result) => all + result[key], 0);
  if (!results.length || sum('failed')) process.exitCode = 1;
  console.log(`${sum('passed')} passed, ${sum('failed')} failed${sum('skipped') ? `, ${sum('skipped')} skipped` : ''}`);
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
