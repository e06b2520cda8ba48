/** The commands as people type them: what is printed, exit codes, help, completion, the manual page. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reporter } from '../tools/commands/common';
import { completionScript } from '../tools/commands/completion';
import { makeProgram } from '../tools/commands/program';
import { distPath, packagePath } from '../tools/dist';
import { MAN_PAGE, manPage } from '../tools/man';
import { freshChip } from '../tools/partition-table';
import { ALL, has, makeFolder } from './support/tools';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-commands-'));
const at = (name: string) => join(folder, name);
const source = makeFolder(at('source'));

interface Run {
  code: number;
  out: string;
}

/** Runs a command in this process; what it throws is thrown. */
async function microvfs(...args: string[]): Promise<Run> {
  const run: Run = { code: 0, out: '' };
  const { log } = console;
  const write = process.stdout.write;
  console.log = (line: string) => {
    run.out += line + '\n';
  };
  process.stdout.write = ((text: string | Uint8Array) => {
    run.out += Buffer.from(text as string).toString();
    return true;
  }) as typeof process.stdout.write;
  try {
    await makeProgram((code) => {
      run.code = code;
    }).parseAsync(args, { from: 'user' });
  } finally {
    console.log = log;
    process.stdout.write = write;
  }
  return run;
}

test('folder to image, to another one, and back: what each command prints', async () => {
  const image = at('fs.bin');
  assert.is(
    (await microvfs('create', image, '--fs', 'lfs2', '--size', '256K', '--from', source)).out,
    `${image}: lfs2, 256 kB, 192 kB free; 7 files, 3 directories\n`,
  );
  assert.is((await microvfs('ls', image)).out, 'A longer näme.txt\nboot.js\nempty/\nlib/\nnone.txt\n');
  assert.is(
    (await microvfs('ls', '-l', image + ':/lib')).out,
    '---  15  2023-11-14 22:13  a.js\n---  15  2023-11-14 22:13  b.js\nd--   0  -                 deep/\n',
  );
  assert.is(
    (await microvfs('tree', image + ':/lib')).out,
    `${image}:/lib\n├── a.js\n├── b.js\n└── deep/\n    └── big.bin\n1 directory, 3 files\n`,
  );
  assert.match((await microvfs('df', image)).out, /^place .* full\n.*fs\.bin {2}lfs2 {4}256 kB {2}64 kB {2}192 kB {2}25 %\n$/);
  assert.is((await microvfs('cat', image + ':/boot.js')).out, 'print("boot")\n');
  assert.is((await microvfs('cp', '-r', image + ':/lib', at('lib'))).out, '3 files, 29.3 kB\n');
  assert.is((await microvfs('cp', '-q', '-r', image + ':/lib', at('lib2'))).out, '');
  assert.is((await microvfs('mkdir', '-p', image + ':/x/y')).out + (await microvfs('touch', image + ':/x/y/z')).out, '');
  assert.is((await microvfs('mv', image + ':/x/y/z', image + ':/x')).out + (await microvfs('rmdir', image + ':/x/y')).out, '');
  assert.is((await microvfs('ls', '-R', image + ':/x')).out, 'z\n');
  assert.is((await microvfs('rm', '-r', image + ':/x')).out, '');
  assert.match((await microvfs('extract', image, at('out'))).out, /: 7 files, 3 directories, 29\.3 kB\n$/);
  assert.equal(await microvfs('diff', image, at('out')), { code: 0, out: '' });
  writeFileSync(at('out/boot.js'), 'other');
  assert.equal(await microvfs('diff', image, at('out')), { code: 1, out: 'boot.js: differs\n' });
  assert.equal(await microvfs('sync', at('out'), image), { code: 0, out: '* boot.js\n' });
  const sums = (await microvfs('sha256', image)).out;
  writeFileSync(at('sums'), sums);
  assert.is(sums.split('\n').length, 8);
  assert.equal(await microvfs('sha256', '-q', '--check', at('sums'), at('out')), { code: 0, out: '' });
  assert.equal(await microvfs('sha256', '-q', '--check', at('sums'), source), { code: 1, out: 'boot.js: differs\n' });
  assert.match((await microvfs('convert', image, at('fs.img'), '--fs', 'fat')).out, /fs\.img: fat, 256 kB/);
  assert.match(
    (await microvfs('info', image)).out,
    /littlefs 2, 256 kB\n {2}version +2\.1\n[\s\S]* {2}0x000000 {2}8 kB {4}superblock pair\n/,
  );
  assert.match(
    (await microvfs('dump', image, '0')).out,
    /block 0, at 0x0: a block of a metadata pair.*\n {2}-- revision \d+\n {2}00000000 {2}/,
  );
  assert.is((await microvfs('fsck', image)).code, 0);
});

test('a chip: its partitions, a volume in one, an image of ROMFS in another', async () => {
  const chip = at('chip.bin');
  writeFileSync(chip, freshChip(1 << 20));
  assert.match((await microvfs('partitions', chip)).out, /^nvs +type 1 {2}subtype 0x02 {2}at 0x009000 {2}24 kB\n/);
  await microvfs(
    'partitions',
    chip,
    '--remove',
    'vfs',
    '--add',
    'romfs,data,0x8f,,128K',
    '--add',
    'vfs,data,littlefs,,-1M',
    '--into',
    chip,
  );
  await microvfs('create', '--into', chip + '#vfs', '--fs', 'lfs2', '--from', source);
  assert.match((await microvfs('romfs', 'deploy', source, chip + '#romfs')).out, /#romfs: \d+ of 131072 bytes/);
  assert.match((await microvfs('romfs', 'query', chip + '#romfs')).out, /an image of \d+ bytes, room for 131072/);
  assert.match((await microvfs('info', chip)).out, /128 kB +romfs +ROMFS\n.*384 kB +vfs +littlefs 2\n$/);
  assert.match((await microvfs('romfs', 'build', source, '-o', at('x.romfs'))).out, /x\.romfs: \d+ bytes/);
  await microvfs('create', at('old.bin'), '--fs', 'lfs1', '--size', '128K', '-q');
  assert.match((await microvfs('migrate', at('old.bin'))).out, /littlefs 2/);
});

test('--json gives data', async () => {
  const image = at('fs.bin');
  const [listing] = JSON.parse((await microvfs('ls', '--json', '-Ra', image)).out);
  assert.equal(
    listing.entries.map(({ path }: { path: string }) => path),
    ALL,
  );
  assert.is(JSON.parse((await microvfs('df', '--json', image)).out)[0].size, 262144);
  assert.is(JSON.parse((await microvfs('info', '--json', image)).out).holds, 'lfs2');
  assert.is(JSON.parse((await microvfs('sha256', '--json', image)).out).length, 7);
  assert.equal(JSON.parse((await microvfs('diff', '--json', image, at('out'))).out), []);
  assert.is(JSON.parse((await microvfs('dump', '--json', image, '1')).out)[0].number, 1);
  assert.is(JSON.parse((await microvfs('partitions', '--json', at('chip.bin'))).out)[0].label, 'nvs');
  assert.is(JSON.parse((await microvfs('create', at('j.bin'), '--fs', 'fat', '--size', '1M', '--json')).out).format, 'fat');
});

test('a name that would move the cursor of a terminal is escaped', async () => {
  writeFileSync(at('\x1b[31mred'), '');
  await microvfs('cp', at('\x1b[31mred'), at('fs.bin') + ':/');
  assert.match((await microvfs('ls', at('fs.bin'))).out, /\\x1b\[31mred/);
});

test('edit runs $EDITOR, and leaves the file alone when that fails', async () => {
  const { EDITOR, VISUAL } = process.env;
  delete process.env.VISUAL;
  try {
    process.env.EDITOR = 'echo more >>';
    await microvfs('edit', '-q', at('fs.bin') + ':/boot.js');
    assert.is((await microvfs('cat', at('fs.bin') + ':/boot.js')).out, 'othermore\n');
    process.env.EDITOR = 'false';
    assert.match(await microvfs('edit', at('fs.bin') + ':/boot.js').then(String, (error: Error) => error.message), /false ended with 1/);
    delete process.env.EDITOR;
    assert.match(await microvfs('edit', at('fs.bin') + ':/boot.js').then(String, (error: Error) => error.message), /no editor: set EDITOR/);
  } finally {
    if (EDITOR !== undefined) process.env.EDITOR = EDITOR;
    if (VISUAL !== undefined) process.env.VISUAL = VISUAL;
  }
});

function all(command: Command): Command[] {
  return [command, ...command.commands.flatMap(all)];
}

test('the help of every command has examples, which are commands that there are', () => {
  const program = makeProgram(() => {});
  for (const command of all(program).slice(1)) {
    if (command.commands.length) continue;
    let text = '';
    command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
    assert.match(text, /\nExamples:\n {2}/, command.name());
    for (const [, name] of text.matchAll(/^ {2}(?:EDITOR=\w+ |ESPRUINO=\S+ )?microvfs (\w+)/gm))
      assert.ok(
        program.commands.some((one) => one.name() === name),
        `${command.name()}: ${name}`,
      );
  }
});

test('a bar shows how far it is: on a terminal, after a second, unless it is to be quiet; and goes away', () => {
  const { isTTY, write } = process.stderr;
  const { now } = Date;
  let shown = '';
  let time = now();
  Date.now = () => time;
  process.stderr.write = ((text: string) => {
    shown += text;
    return true;
  }) as typeof process.stderr.write;
  const run = (tty: boolean, options: { quiet?: boolean; json?: boolean }): string => {
    shown = '';
    process.stderr.isTTY = tty as true;
    const report = reporter(options);
    report.progress?.(1, 1 << 20, 'a.txt');
    const soon = shown;
    time += 2000;
    report.progress?.(1 << 19, 1 << 20, 'b.txt');
    report.done();
    return soon ? 'too soon' : shown;
  };
  try {
    assert.match(run(true, {}), /50 % of 1 MB/);
    for (const none of [run(false, {}), run(true, { quiet: true }), run(true, { json: true })]) assert.is(none, '');
  } finally {
    Date.now = now;
    process.stderr.write = write;
    process.stderr.isTTY = isTTY;
  }
});

test('completion: commands, options and values in bash; the scripts of the other shells name them all', () => {
  const program = makeProgram(() => {});
  writeFileSync(at('complete.bash'), completionScript(program, 'bash'));
  const complete = (...words: string[]): string[] =>
    execFileSync(
      'bash',
      [
        '-c',
        `source ${at('complete.bash')}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _microvfs; printf '%s\\n' "\${COMPREPLY[@]}"`,
      ],
      { encoding: 'utf8' },
    )
      .trim()
      .split('\n');
  assert.equal(complete('microvfs', 'c').sort(), ['cat', 'completion', 'convert', 'cp', 'create']);
  assert.equal(complete('microvfs', 'ls', '--re'), ['--recursive']);
  assert.equal(complete('microvfs', 'create', 'x', '--fs', 'l'), ['lfs2', 'lfs1']);
  assert.equal(complete('microvfs', 'romfs', 'd'), ['deploy']);
  assert.equal(complete('microvfs', 'romfs', 'build', '--al'), ['--align']);
  assert.equal(complete('microvfs', 'ls', at('sum')), [at('sums')]);
  for (const shell of ['zsh', 'fish']) {
    const script = completionScript(program, shell);
    writeFileSync(at(`complete.${shell}`), script);
    if (has(shell)) execFileSync(shell, ['-n', at(`complete.${shell}`)]);
    for (const command of program.commands) assert.ok(script.includes(command.name()), `${shell}: ${command.name()}`);
    assert.match(script, shell === 'zsh' ? /--fs\[format.*\(lfs2 lfs1 fat exfat rom\)/ : /-l fs -r -f -a 'lfs2 lfs1 fat exfat rom'/);
  }
});

test('the manual page is that of the commands: npm run man makes it', () => {
  assert.is(readFileSync(packagePath(MAN_PAGE), 'utf8'), manPage());
});

if (!existsSync(distPath('tools/microvfs.js'))) console.log('SKIP: the command line: run npm run build -- start first');
else {
  const run = (args: string[], more: object = {}) =>
    spawnSync(process.execPath, [distPath('tools/microvfs.js'), ...args], {
      encoding: 'utf8',
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1' },
      ...more,
    });

  test('exit codes: 0 done, 1 it failed, 2 what was asked for cannot be done; errors are one line', () => {
    const cases: [string[], number, RegExp][] = [
      [['ls', 'fs.bin'], 0, /^$/],
      [['cat', 'fs.bin:/none'], 1, /^microvfs: fs\.bin:\/none: no such file or directory\n$/],
      [['ls', 'none.bin:/'], 2, /^microvfs: none\.bin:\/: there is no image none\.bin\n$/],
      [['cp', 'fs.bin:/boot.js'], 2, /^microvfs: cp: where to\? .*\n$/],
      [['ls'], 2, /^error: missing required argument 'place'\n$/],
      [['bogus'], 2, /^error: unknown command 'bogus'.*\n$/],
      [['create', 'n.bin', '--fs', 'lfs2', '--size', 'much'], 2, /^error: .*Give bytes, or a number with K, M or G\.\n$/],
      [['diff', 'fs.bin', 'source'], 1, /^$/],
    ];
    for (const [args, code, error] of cases) {
      const { status, stderr } = run(args);
      assert.is(status, code, args.join(' ') + stderr);
      assert.match(stderr, error);
    }
  });

  test('as a new user: folder to chip, to a simulated board, and the file that it has changed back', () => {
    writeFileSync(at('user.bin'), freshChip(1 << 20));
    writeFileSync(
      at('main.js'),
      "var vfs = require('vfs'); vfs.writeFile('/lib/count.txt', 'counted by ' + vfs.readFile('/boot.js', 'utf8').length);",
    );
    assert.is(run(['create', '--into', 'user.bin#vfs', '--fs', 'lfs2', '--from', 'source', '-q']).status, 0);
    // Its boot.js prints.
    const booted = run(['boot', '--flash', 'user.bin', '--run', 'main.js'], { input: '' });
    assert.is(booted.status, 0, booted.stderr + booted.stdout);
    assert.match(booted.stdout, /boot/);
    assert.is(run(['cp', 'user.bin#vfs:/lib/count.txt', '.']).status, 0);
    assert.is(readFileSync(at('count.txt'), 'utf8'), 'counted by 14');
    assert.is(run(['fsck', 'user.bin#vfs']).status, 0);
  });

  test('a reader that has had enough ends it without a word', () => {
    writeFileSync(at('long.txt'), 'line\n'.repeat(200000));
    const { stdout, stderr } = spawnSync('sh', ['-c', `${process.execPath} ${distPath('tools/microvfs.js')} cat long.txt | head -n 1`], {
      encoding: 'utf8',
      cwd: folder,
    });
    assert.equal([stdout, stderr], ['line\n', '']);
  });
}

test.after(() => rmSync(folder, { recursive: true }));
test.run();
