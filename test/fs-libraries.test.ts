/** Libraries that are written for Node's `fs`, over `fs` of microvfs. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import git from 'isomorphic-git';
import * as tar from 'tar-stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RAMBlockDev } from '../modules/blockdev';
import { fs } from '../modules/fs';
import { VfsLfs2 } from '../modules/littlefs2';
import * as vfs from '../modules/vfs';
import { pattern } from './support/fat';

const author = { name: 'A', email: 'a@example.com', timestamp: 1700000000, timezoneOffset: 0 };

function onVolume(name: string, program: (device: RAMBlockDev) => Promise<void>): void {
  test(name, async () => {
    const device = new RAMBlockDev(4096, 256);
    VfsLfs2.mkfs(device);
    vfs.mount(new VfsLfs2(device), '/');
    try {
      await program(device);
    } finally {
      vfs.umount('/', { force: true });
    }
  });
}

onVolume('isomorphic-git makes, commits and logs a repository on littlefs, which is there after mounting anew', async (device) => {
  const dir = '/repo';
  fs.mkdirSync(`${dir}/lib`, { recursive: true });
  await git.init({ fs, dir, defaultBranch: 'main' });
  fs.writeFileSync(`${dir}/main.js`, 'print(1)\n');
  fs.writeFileSync(`${dir}/lib/ünï.js`, pattern(5000, 1));
  await git.add({ fs, dir, filepath: ['main.js', 'lib/ünï.js'] });
  const first = await git.commit({ fs, dir, message: 'first', author });
  // Of another length: within one second a change of content alone is not seen, as in git.
  fs.writeFileSync(`${dir}/main.js`, 'print(22)\n');
  fs.rmSync(`${dir}/lib/ünï.js`);
  assert.equal(await git.statusMatrix({ fs, dir }), [
    ['lib/ünï.js', 1, 0, 1],
    ['main.js', 1, 2, 1],
  ]);
  await git.add({ fs, dir, filepath: 'main.js' });
  await git.remove({ fs, dir, filepath: 'lib/ünï.js' });
  const second = await git.commit({ fs, dir, message: 'second', author });
  vfs.umount('/');
  vfs.mount(new VfsLfs2(device), '/');
  const log = await git.log({ fs, dir });
  assert.equal(
    log.map((one) => [one.oid, one.commit.message, one.commit.parent]),
    [
      [second, 'second\n', [first]],
      [first, 'first\n', []],
    ],
  );
  await git.checkout({ fs, dir, ref: first, force: true });
  assert.is(fs.readFileSync(`${dir}/main.js`, 'utf8'), 'print(1)\n');
  assert.equal(new Uint8Array(fs.readFileSync(`${dir}/lib/ünï.js`)), pattern(5000, 1));
  // What a blob's name is, git says: the hash of its length and content.
  const blob = createHash('sha1').update('blob 9\0print(1)\n').digest('hex');
  const { tree } = await git.readTree({ fs, dir, oid: first, filepath: '' });
  const entry = tree.find((one) => one.path === 'main.js');
  assert.equal([entry?.oid, entry?.mode], [blob, '100644']);
});

onVolume('tar-stream unpacks an archive into littlefs through write streams, and packs it again from read streams', async () => {
  const files: { [name: string]: Uint8Array } = {
    'a.txt': new TextEncoder().encode('text'),
    'dir/b.bin': pattern(70000, 2),
    empty: new Uint8Array(0),
  };
  const pack = tar.pack();
  pack.entry({ name: 'dir', type: 'directory' });
  for (const name in files) pack.entry({ name }, Buffer.from(files[name]));
  pack.finalize();
  for await (const entry of entriesOf(await collect(pack))) {
    const path = '/' + entry.header.name;
    if (entry.header.type === 'directory') {
      fs.mkdirSync(path);
      entry.resume();
      continue;
    }
    const out = fs.createWriteStream(path);
    const written = new Promise((done, failed) => out.on('close', () => done(undefined)).on('error', failed));
    entry.pipe(out as never);
    await written;
  }
  assert.equal(fs.readdirSync('/', { recursive: true }).sort(), ['a.txt', 'dir', 'dir/b.bin', 'empty']);
  const again = tar.pack();
  const archive = collect(again);
  for (const name in files) {
    const bytes = fs.readFileSync('/' + name);
    assert.equal(new Uint8Array(bytes), files[name]);
    const entry = again.entry({ name, size: bytes.length });
    const packed = new Promise((done, failed) => entry.on('finish', () => done(undefined)).on('error', failed));
    fs.createReadStream('/' + name).pipe(entry as unknown as { write(chunk: unknown): boolean; end(): void });
    await packed;
  }
  again.finalize();
  let names = '';
  for await (const entry of entriesOf(await archive)) {
    let size = 0;
    for await (const chunk of entry) size += chunk.length;
    names += `${entry.header.name} ${size} `;
  }
  assert.is(names, 'a.txt 4 dir/b.bin 70000 empty 0 ');
});

async function collect(stream: unknown): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

type Entry = Readable & { header: { name: string; type: string } };

function entriesOf(archive: Buffer): AsyncIterable<Entry> {
  const extract = tar.extract();
  extract.end(archive);
  return extract as unknown as AsyncIterable<Entry>;
}

test.run();
