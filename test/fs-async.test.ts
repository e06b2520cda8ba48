/** Callbacks, promises and streams of `fs`: the same program runs over a volume and over a folder of the host. */
import * as node from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RAMBlockDev } from '../modules/blockdev';
import { fs } from '../modules/fs';
import { VfsLfs2 } from '../modules/littlefs2';
import * as vfs from '../modules/vfs';

type NodeFs = typeof node;
type Program = (fs: NodeFs, root: string, say: (...values: unknown[]) => void) => Promise<void> | void;

const POINT = '/the-mount-point';

const event = (one: unknown, name: string): Promise<unknown> =>
  new Promise((done, failed) => {
    const stream = one as NodeJS.EventEmitter;
    stream.on(name, done);
    if (name !== 'error') stream.on('error', failed);
  });

/** What the program says over a volume, and over Node's own. */
async function both(program: Program): Promise<void> {
  const said: string[][] = [];
  const folder = node.mkdtempSync(join(tmpdir(), 'microvfs-fs-'));
  const device = new RAMBlockDev(512, 2000);
  VfsLfs2.mkfs(device);
  vfs.mount(new VfsLfs2(device), POINT);
  try {
    for (const [one, root] of [
      [fs as unknown as NodeFs, POINT],
      [node, folder],
    ] as const) {
      const lines: string[] = [];
      await program(one, root, (...values) => {
        const text = values.map((value) => {
          if (value instanceof Error) {
            const { name, code, syscall, path, dest } = value as unknown as Record<string, unknown>;
            return JSON.stringify({ name, code, syscall, path, dest });
          }
          return value instanceof Uint8Array ? Buffer.from(value).toString() : value === undefined ? 'undefined' : JSON.stringify(value);
        });
        lines.push(text.join(' ').split(root).join(''));
      });
      said.push(lines);
    }
  } finally {
    vfs.umount(POINT, { force: true });
    node.rmSync(folder, { recursive: true });
  }
  assert.equal(said[0], said[1]);
  assert.ok(said[0].length > 1);
}

const same = (name: string, program: Program) => test(name, () => both(program));

same('callbacks get what Node gives, after the script has gone on', async (fs, root, say) => {
  const call = (name: string, ...args: unknown[]): Promise<void> =>
    new Promise((done) => {
      let now = true;
      (fs as unknown as Record<string, (...args: unknown[]) => void>)[name](...args, (...values: unknown[]) => {
        say(name, now, ...values);
        done();
      });
      now = false;
    });
  await call('mkdir', `${root}/d`);
  await call('writeFile', `${root}/d/f`, 'content');
  await call('readFile', `${root}/d/f`, 'utf8');
  await call('readFile', `${root}/d/none`);
  await call('rename', `${root}/none`, `${root}/d`);
  await call('readdir', `${root}/d`);
  await call('exists', `${root}/d`);
  await call('exists', `${root}/none`);
  await call('access', `${root}/d/f`);
  await call('mkdir', `${root}/x/y`, { recursive: true });
  await call('rm', `${root}/x`, { recursive: true });
  const fd = fs.openSync(`${root}/d/f`, 'r+');
  await call('write', fd, 'CON', 0, 'utf8');
  await call('read', fd, Buffer.alloc(7), 0, 7, 0);
  await call('ftruncate', fd, 2);
  await call('close', fd);
  await call('close', fd);
  await call('truncate', `${root}/d/f`);
  await call('unlink', `${root}/d`);
});

same('wrong arguments are thrown at once, also where there is a callback', (fs, root, say) => {
  const call = (name: string, ...args: unknown[]): void => {
    try {
      say((fs as unknown as Record<string, (...args: unknown[]) => unknown>)[name](...args));
    } catch (error) {
      say(name, error);
    }
  };
  call('readFile', 5.5, () => {});
  call('readFile', {}, () => {});
  call('stat', undefined, () => {});
  call('readFile', `${root}/f`);
  call('readFile', `${root}/f\0`, () => {});
  call('mkdir', 7, () => {});
});

same('promises come to what Node gives', async (fs, root, say) => {
  const tell = async (name: string, promise: Promise<unknown>): Promise<void> => {
    try {
      say(name, await promise);
    } catch (error) {
      say(name, error);
    }
  };
  const { promises } = fs;
  await tell('mkdir', promises.mkdir(`${root}/a/b`, { recursive: true }));
  await tell('writeFile', promises.writeFile(`${root}/a/f`, Buffer.from('content')));
  await tell('appendFile', promises.appendFile(`${root}/a/f`, ' and more'));
  await tell('readFile', promises.readFile(`${root}/a/f`));
  await tell('readFile', promises.readFile(`${root}/a/none`, 'utf8'));
  await tell('readdir', promises.readdir(root, { recursive: true }));
  await tell(
    'stat',
    promises.stat(`${root}/a/f`).then((stat) => [stat.size, stat.isFile()]),
  );
  await tell('stat', promises.stat(`${root}/none`));
  await tell(
    'lstat',
    promises.lstat(`${root}/a`).then((stat) => stat.isDirectory()),
  );
  await tell('rename', promises.rename(`${root}/a/f`, `${root}/g`));
  await tell('copyFile', promises.copyFile(`${root}/g`, `${root}/h`));
  await tell('access', promises.access(`${root}/none`));
  await tell('readlink', promises.readlink(`${root}/g`));
  await tell('rmdir', promises.rmdir(`${root}/a`));
  await tell('unlink', promises.unlink(`${root}/g`));
  const handle = await promises.open(`${root}/h`, 'r+');
  await tell(
    'handle.write',
    handle.write('CON').then((done) => done.bytesWritten),
  );
  await tell(
    'handle.read',
    handle.read(Buffer.alloc(4), 0, 4, 1).then((done) => [done.bytesRead, done.buffer.toString()]),
  );
  await tell('handle.readFile', handle.readFile('utf8'));
  await tell(
    'handle.stat',
    handle.stat().then((stat) => stat.size),
  );
  await tell('handle.truncate', handle.truncate(4));
  await tell('handle.sync', handle.sync());
  await tell('handle.close', handle.close());
  await tell('open', promises.open(`${root}/none/f`, 'w'));
  await tell('rm', promises.rm(`${root}/a`, { recursive: true }));
  await tell('readdir', promises.readdir(root));
});

same('a stream reads a piece of a file, as text that no chunk cuts', async (fs, root, say) => {
  const text = 'ünïcödé 😀 '.repeat(40);
  fs.writeFileSync(`${root}/f`, text);
  let got = '';
  const stream = fs.createReadStream(`${root}/f`, { encoding: 'utf8', highWaterMark: 7 });
  stream.on('open', (fd) => say('open', typeof fd));
  stream.on('data', (chunk) => (got += chunk));
  stream.on('end', () => say('end'));
  await event(stream, 'close');
  say(got === text, stream.bytesRead === Buffer.byteLength(text));
  const piece = fs.createReadStream(`${root}/f`, { start: 3, end: 9 });
  const parts: Buffer[] = [];
  piece.on('data', (chunk) => parts.push(chunk as Buffer));
  await event(piece, 'end');
  say(Buffer.concat(parts).toString('hex'));
});

same('a stream iterates, pauses and goes on', async (fs, root, say) => {
  fs.writeFileSync(`${root}/f`, 'x'.repeat(1000));
  const sizes: number[] = [];
  for await (const chunk of fs.createReadStream(`${root}/f`, { highWaterMark: 300 })) sizes.push(chunk.length);
  say(sizes);
  const stream = fs.createReadStream(`${root}/f`, { highWaterMark: 400 });
  let paused = 0;
  stream.on('data', () => {
    stream.pause();
    paused++;
    setTimeout(() => stream.resume(), 3);
  });
  await event(stream, 'end');
  say(paused);
});

same('what cannot be opened is an error of the stream', async (fs, root, say) => {
  // Each is made when somebody listens: its error comes by itself.
  for (const open of [() => fs.createReadStream(`${root}/none`), () => fs.createWriteStream(`${root}/none/f`)]) {
    const stream = open() as NodeJS.EventEmitter;
    const closed = new Promise((done) => stream.on('close', done));
    say(await event(stream, 'error'));
    await closed;
  }
  const dir = fs.createReadStream(root);
  dir.resume();
  say(await event(dir, 'error'));
});

same('a stream writes, tells what it has written, and ends once', async (fs, root, say) => {
  const stream = fs.createWriteStream(`${root}/f`, { highWaterMark: 5 });
  say(stream.write('123'), stream.write(Buffer.from('4567')));
  await event(stream, 'drain');
  say('drain', stream.bytesWritten);
  stream.end('é', () => say('ended'));
  stream.on('finish', () => say('finish'));
  await event(stream, 'close');
  say(stream.bytesWritten, fs.readFileSync(`${root}/f`));
  const into = fs.createWriteStream(`${root}/f`, { flags: 'r+', start: 2 });
  into.end('--');
  await event(into, 'finish');
  say(fs.readFileSync(`${root}/f`));
  const more = fs.createWriteStream(`${root}/f`, { flags: 'a' });
  more.end('more');
  await event(more, 'close');
  say(fs.readFileSync(`${root}/f`));
});

same('streams go into each other, into those of Node, and out of them', async (fs, root, say) => {
  const content = Buffer.from('0123456789'.repeat(5000));
  fs.writeFileSync(`${root}/f`, content);
  await event(fs.createReadStream(`${root}/f`).pipe(fs.createWriteStream(`${root}/g`, { highWaterMark: 1000 })), 'close');
  say(fs.readFileSync(`${root}/g`).equals(content));
  await pipeline(Readable.from([Buffer.from('one '), Buffer.from('two')]), fs.createWriteStream(`${root}/h`));
  say(fs.readFileSync(`${root}/h`));
  let got = 0;
  const sink = new Writable({
    highWaterMark: 100,
    write(chunk, _encoding, done) {
      got += chunk.length;
      setImmediate(done);
    },
  });
  await pipeline(fs.createReadStream(`${root}/f`), sink);
  say(got);
});

test('an open file is neither removed nor opened for writing a second time, which Linux would do', () => {
  const device = new RAMBlockDev(512, 100);
  VfsLfs2.mkfs(device);
  vfs.mount(new VfsLfs2(device), POINT);
  const fd = fs.openSync(`${POINT}/f`, 'w');
  const code = (work: () => void): unknown => {
    try {
      work();
    } catch (error) {
      return [(error as Error & { code: string }).code, (error as Error & { syscall: string }).syscall];
    }
    return undefined;
  };
  assert.equal(
    code(() => fs.unlinkSync(`${POINT}/f`)),
    ['EBUSY', 'unlink'],
  );
  assert.equal(
    code(() => fs.renameSync(`${POINT}/f`, `${POINT}/g`)),
    ['EBUSY', 'rename'],
  );
  assert.equal(
    code(() => fs.openSync(`${POINT}/f`, 'a')),
    ['EBUSY', 'open'],
  );
  fs.writeSync(fd, 'not synced');
  assert.is(fs.statSync(`${POINT}/f`).size, 10, 'what is written counts');
  assert.is(fs.readFileSync(`${POINT}/f`, 'utf8'), 'not synced');
  fs.closeSync(fd);
  vfs.umount(POINT);
});

test.run();
