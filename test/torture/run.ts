/**
 * `npm run torture -- --minutes 10 --seed N`: all campaigns in turn on every core, until the time is up or one fails; with `--fat` those
 * of FAT, until they have done what is enough.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Command } from 'commander';
import { type Campaign, Failure, type Tally } from './campaign';
import { CAMPAIGNS } from './campaigns';
import { mixSeed } from './random';

interface Order {
  seed: number;
  names: string[];
  worker: number;
  end: number;
  stop: Int32Array;
}

type News =
  | { kind: 'round'; name: string; seed: number }
  | { kind: 'tally'; rounds: number; tally: Tally }
  | { kind: 'failure'; name: string; seed: number; message: string; data: unknown };

/** A round that takes so many milliseconds hangs (shrinking a failure takes half a minute). */
const HANG = 90000;

/** Sums up; what begins with `largest` is a maximum. */
function add(sum: Tally, part: Tally): void {
  for (const key of Object.keys(part))
    sum[key] = key.startsWith('largest') ? Math.max(sum[key] ?? 0, part[key]) : (sum[key] ?? 0) + part[key];
}

function figures(tally: Tally): string {
  return Object.keys(tally)
    .map((key) => `${key} ${tally[key].toLocaleString('en')}`)
    .join(', ');
}

/** Works until told to stop. Each round has its own seed. */
function work(order: Order): void {
  const chosen = order.names.map((name) => CAMPAIGNS.find((each) => each.name === name) as Campaign);
  let tally: Tally = {};
  let told = Date.now();
  let rounds = 0;
  const spent = chosen.map(() => 0);
  const done = chosen.map(() => 0);
  while (!Atomics.load(order.stop, 0) && Date.now() < order.end) {
    // The one that is furthest behind its share of the time.
    const behind = chosen.map((each, i) => spent[i] / each.share);
    const k = behind.indexOf(Math.min(...behind));
    const campaign = chosen[k];
    const seed = mixSeed(order.seed, order.worker, CAMPAIGNS.indexOf(campaign), done[k]++);
    const began = performance.now();
    parentPort?.postMessage({ kind: 'round', name: campaign.name, seed } satisfies News);
    try {
      campaign.round(seed, tally);
    } catch (error) {
      const data = error instanceof Failure ? error.data : undefined;
      const message = error instanceof Failure ? error.message : ((error as Error).stack ?? String(error));
      parentPort?.postMessage({ kind: 'failure', name: campaign.name, seed, message, data } satisfies News);
    }
    spent[k] += performance.now() - began + 1;
    rounds++;
    if (Date.now() - told > 1000) {
      parentPort?.postMessage({ kind: 'tally', rounds, tally } satisfies News);
      tally = {};
      rounds = 0;
      told = Date.now();
    }
  }
  parentPort?.postMessage({ kind: 'tally', rounds, tally } satisfies News);
}

async function main(): Promise<void> {
  const names = CAMPAIGNS.map((each) => each.name);
  const program = new Command('torture')
    .description(`Tortures the file systems. Campaigns:\n${CAMPAIGNS.map((each) => `  ${each.name.padEnd(16)}${each.about}`).join('\n')}`)
    .option('--minutes <n>', 'how long (default: 1; with --fat until 200,000 cuts and 1,000,000 damaged images are done)', Number)
    .option('--fat', 'the campaigns of FAT')
    .option('--seed <n>', 'determines everything', Number, 1)
    .option('--only <names>', 'campaigns, with commas between them')
    .option('--jobs <n>', 'worker threads', Number, availableParallelism())
    .option('--keep-going', 'go on after failures')
    .option('--failures <folder>', 'where failures are written as JSON', 'dist/torture')
    .option('--round <seed>', 'only this round of the one campaign named by --only', Number)
    .parse();
  const options = program.opts<{
    minutes?: number;
    fat?: boolean;
    seed: number;
    only?: string;
    jobs: number;
    keepGoing?: boolean;
    failures: string;
    round?: number;
  }>();
  const chosen = options.only ? options.only.split(',') : names.filter((name) => !options.fat || name.startsWith('fat'));
  const goals = options.minutes === undefined && options.fat ? CAMPAIGNS.filter((each) => chosen.includes(each.name) && each.goal) : [];
  const minutes = options.minutes ?? (goals.length ? 100000 : 1);
  const unknown = chosen.find((name) => !names.includes(name));
  if (unknown || !(minutes > 0) || !(options.jobs > 0) || (options.round !== undefined && chosen.length > 1)) {
    console.error(unknown ? `torture: no campaign ${unknown}; there are ${names.join(', ')}` : 'torture: impossible options');
    process.exitCode = 2;
    return;
  }
  const sum: Tally = {};
  let failures = 0;
  const fail = (news: News & { kind: 'failure' }): void => {
    failures++;
    console.log(`\nFAILED: ${news.name}\n${news.message}`);
    console.log(`again: npm run torture -- --only ${news.name} --round ${news.seed}`);
    if (news.data) {
      mkdirSync(options.failures, { recursive: true });
      const file = `${options.failures}/${news.name}-${news.seed}.json`;
      writeFileSync(file, JSON.stringify(news.data));
      console.log(`written to ${file}`);
    }
  };
  if (options.round !== undefined) {
    const campaign = CAMPAIGNS.find((each) => each.name === chosen[0]) as Campaign;
    try {
      campaign.round(options.round, sum);
    } catch (error) {
      fail({
        kind: 'failure',
        name: campaign.name,
        seed: options.round,
        message: (error as Error).message,
        data: error instanceof Failure ? error.data : undefined,
      });
    }
    console.log(figures(sum));
    process.exitCode = failures ? 1 : 0;
    return;
  }
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const began = Date.now();
  const end = began + minutes * 60000;
  let rounds = 0;
  const show = (): void => {
    const line = `${Math.round((Date.now() - began) / 1000)} s, ${rounds} rounds, ${failures} failed: ${figures(sum)}`;
    if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${line.slice(0, (process.stdout.columns || 80) - 1)}`);
    else console.log(line);
  };
  const clock = setInterval(show, process.stdout.isTTY ? 1000 : 15000);
  process.once('SIGINT', () => {
    console.log('\nstopping after the rounds under way (again: at once)');
    Atomics.store(stop, 0, 1);
    process.once('SIGINT', () => process.exit(130));
  });
  await Promise.all(
    Array.from(
      { length: options.jobs },
      (_, worker) =>
        new Promise<void>((done) => {
          const order: Order = { seed: options.seed, names: chosen, worker, end, stop };
          // Threads do not inherit the loader for TypeScript.
          const code = `import('tsx/esm/api').then((tsx) => { tsx.register(); return import(${JSON.stringify(import.meta.url)}); })`;
          const thread = new Worker(code, { eval: true, workerData: order });
          let round: News & { kind: 'round' };
          let since = Date.now();
          const watch = setInterval(() => {
            if (Date.now() - since < HANG) return;
            fail({ kind: 'failure', name: round.name, seed: round.seed, message: 'hangs', data: undefined });
            Atomics.store(stop, 0, 1);
            thread.terminate();
          }, 5000);
          thread.on('message', (news: News) => {
            since = Date.now();
            if (news.kind === 'round') round = news;
            else if (news.kind === 'failure') {
              fail(news);
              if (!options.keepGoing) Atomics.store(stop, 0, 1);
            } else {
              rounds += news.rounds;
              add(sum, news.tally);
              if (goals.length && goals.every(({ goal }) => (sum[goal?.[0] as string] ?? 0) >= (goal?.[1] as number)))
                Atomics.store(stop, 0, 1);
            }
          });
          thread.on('error', (error) => {
            failures++;
            console.log(`\na worker died: ${error.stack}`);
            Atomics.store(stop, 0, 1);
          });
          thread.on('exit', () => {
            clearInterval(watch);
            done();
          });
        }),
    ),
  );
  clearInterval(clock);
  if (process.stdout.isTTY) console.log();
  console.log(`seed ${options.seed}, ${((Date.now() - began) / 1000).toFixed(0)} s, ${rounds} rounds of ${chosen.join(', ')}`);
  for (const key of Object.keys(sum)) console.log(`  ${key.padEnd(44)}${sum[key].toLocaleString('en').padStart(14)}`);
  console.log(failures ? `${failures} FAILED` : 'nothing lost, nothing wrong');
  process.exitCode = failures ? 1 : 0;
}

if (isMainThread) await main();
else work(workerData as Order);
