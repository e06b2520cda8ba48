/** `serve`: a volume as WebDAV, as its clients ask for it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RAMBlockDev } from '../modules/blockdev/ram';
import { VfsLfs2 } from '../modules/littlefs2';
import * as vfs from '../modules/vfs';
import { cat, create, df, fsck, ls, PlaceError, type Served, type ServeOptions, serve, UsageError } from '../tools';
import { Kept } from '../tools/serve/kept';
import { StandInBoard } from './support/stand-in-board';
import { makeFolder, TIME } from './support/tools';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-serve-test-'));
const at = (name: string) => join(folder, name);
const source = makeFolder(at('source'));

test.after(() => rmSync(folder, { recursive: true }));

interface Answer {
  status: number;
  text: string;
  headers: Headers;
}

/** What is asked of a server: `GET /path`. */
type Ask = (line: string, headers?: { [name: string]: string }, body?: string | Uint8Array<ArrayBuffer>) => Promise<Answer>;

function asking({ address }: Served): Ask {
  return async (line, headers = {}, body) => {
    const [method, path] = line.split(' ');
    const type: { [name: string]: string } =
      typeof body === 'string' && body.includes('xmlns') ? { 'Content-Type': 'application/xml' } : {};
    const response = await fetch(address.slice(0, -1) + path, { method, headers: { ...type, ...headers }, body: body ?? null });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
}

const status = async (answer: Promise<Answer>): Promise<number> => (await answer).status;

async function serving(place: string, options: ServeOptions, work: (ask: Ask, served: Served) => Promise<void>): Promise<void> {
  const served = await serve(place, options);
  try {
    await work(asking(served), served);
  } finally {
    await served.close();
  }
}

async function textOf(place: string): Promise<string> {
  let text = '';
  await cat([place], {}, (piece) => {
    text += Buffer.from(piece).toString();
  });
  return text;
}

const pathsIn = async (place: string): Promise<string[]> => {
  const [{ entries }] = await ls([place], { recursive: true, all: true });
  return entries.map(({ path }) => path);
};

for (const fs of ['lfs2', 'fat'] as const) {
  const image = at(`${fs}.img`);
  const made = (from?: string) => create(image, { fs, size: '512K', force: true, ...(from && { from }) });

  test(`${fs}: files and directories are made, read, copied, moved and removed, whatever is in their names`, async () => {
    await made(source);
    await serving(image, {}, async (ask, { address }) => {
      const to = (path: string) => ({ Destination: address.slice(0, -1) + path });
      assert.is((await ask('GET /A%20longer%20n%C3%A4me.txt')).text, 'name');
      assert.is(await status(ask('PUT /50%25%20%23%5B1%5D%20%E2%82%AC.txt', {}, 'first')), 201);
      assert.is(await status(ask('PUT /50%25%20%23%5B1%5D%20%E2%82%AC.txt', {}, 'and more')), 204);
      assert.is(await status(ask('MKCOL /new%20d')), 201);
      assert.is(await status(ask('MOVE /50%25%20%23%5B1%5D%20%E2%82%AC.txt', to('/new%20d/%C3%A4'))), 201);
      assert.is(await status(ask('COPY /lib', to('/lib2'))), 201);
      assert.is(await status(ask('MOVE /lib', to('/new%20d/lib'))), 201);
      assert.is(await status(ask('MOVE /boot.js', to('/none.txt'))), 204);
      assert.is(await status(ask('DELETE /empty/')), 204);
      assert.is(await status(ask('PUT /zero', {}, '')), 201);
    });
    assert.equal(await pathsIn(image), [
      ...['.hidden', 'A longer näme.txt', 'lib2', 'lib2/a.js', 'lib2/b.js', 'lib2/deep', 'lib2/deep/big.bin', 'new d', 'new d/lib'],
      ...['new d/lib/a.js', 'new d/lib/b.js', 'new d/lib/deep', 'new d/lib/deep/big.bin', 'new d/ä', 'none.txt', 'zero'],
    ]);
    assert.is(await textOf(`${image}:/new d/ä`), 'and more');
    assert.is(await textOf(`${image}:/none.txt`), 'print("boot")\n');
    assert.is(await textOf(`${image}:/lib2/deep/big.bin`), await textOf(at('source/lib/deep/big.bin')));
  });

  test(`${fs}: a full volume is 507, and what was there stays`, async () => {
    await made(source);
    await serving(image, {}, async (ask) => {
      assert.is(await status(ask('PUT /large', {}, new Uint8Array(600000))), 507);
      assert.is(await status(ask('PUT /boot.js', {}, new Uint8Array(600000))), 507);
      assert.is((await ask('GET /boot.js')).text, 'print("boot")\n');
      const { text } = await ask('PUT /large', {}, new Uint8Array(600000));
      assert.match(text, /\.img:\/large: no space left/);
    });
    assert.not((await pathsIn(image)).includes('large'));
  });

  test(`${fs}: what cannot be is told by the right status`, async () => {
    await made(source);
    await serving(image, {}, async (ask, { address }) => {
      const to = (path: string) => ({ Destination: address.slice(0, -1) + path });
      assert.is(await status(ask('GET /none')), 404);
      assert.is(await status(ask('DELETE /none')), 404);
      assert.is(await status(ask('MKCOL /lib')), 405);
      assert.is(await status(ask('MKCOL /no/dir')), 409);
      assert.is(await status(ask('PUT /no/file', {}, 'x')), 409);
      assert.is(await status(ask('PUT /lib', {}, 'x')), 405);
      assert.is(await status(ask(`PUT /${fs === 'fat' ? 'a%3Ab' : 'n'.repeat(256)}`, {}, 'x')), 403);
      assert.is(await status(ask('PUT /a%2Fb', {}, 'x')), 403);
      assert.is(await status(ask('GET /%ff')), 404);
      assert.is(await status(ask('PUT /boot.js', { 'Content-Range': 'bytes 0-0/14' }, 'x')), 400);
      assert.is(await status(ask('MOVE /lib', to('/lib/deep/lib'))), 403);
      assert.is(await status(ask('COPY /lib', to('/lib'))), 403);
      assert.is(await status(ask('COPY /boot.js', { ...to('/none.txt'), Overwrite: 'F' })), 412);
      assert.is(await status(ask('COPY /boot.js', { Destination: 'http://127.0.0.1:1/elsewhere' })), 502);
      assert.is(await status(ask('DELETE /')), 403);
      assert.is(await status(ask('POST /boot.js', {}, 'x')), 405);
    });
    assert.is(await textOf(`${image}:/boot.js`), 'print("boot")\n');
  });

  test(`${fs}: ranges of a file, and a file that is as it was`, async () => {
    await made(source);
    await serving(image, {}, async (ask) => {
      const whole = await ask('GET /boot.js');
      const part = await ask('GET /boot.js', { Range: 'bytes=6-11' });
      assert.equal([part.status, part.text, part.headers.get('content-range')], [206, '"boot"', 'bytes 6-11/14']);
      assert.is((await ask('GET /boot.js', { Range: 'bytes=-2' })).text, ')\n');
      assert.is(await status(ask('GET /boot.js', { Range: 'bytes=99-' })), 416);
      const etag = whole.headers.get('etag') ?? '';
      assert.is(await status(ask('GET /boot.js', { 'If-None-Match': etag, 'Cache-Control': 'private' })), 304);
      assert.is(await status(ask('PUT /boot.js', { 'If-Match': etag }, 'print("bo0t")\n')), 204);
      assert.is(
        await status(ask('GET /boot.js', { 'If-None-Match': etag, 'Cache-Control': 'private' })),
        200,
        'of the same size, in the same second',
      );
      assert.is(await status(ask('PUT /boot.js', { 'If-Match': etag }, 'x')), 412);
      const big = await (await ask('GET /lib/deep/big.bin', { Range: 'bytes=20000-20003' })).text;
      assert.is(Buffer.from(big).toString(), Buffer.from([...Array(4).keys()].map((i) => ((20000 + i) * 7) & 255)).toString());
    });
  });

  test(`${fs}: properties: size, time, room, and the time that Windows sets`, async () => {
    await made(source);
    await serving(image, {}, async (ask) => {
      const { status: code, text } = await ask('PROPFIND /', { Depth: '1' });
      assert.is(code, 207);
      const names = [...text.matchAll(/<displayname>(.*?)<\/displayname>/g)].map(([, name]) => name);
      assert.equal(names, [`${fs}.img`, '.hidden', 'A longer näme.txt', 'boot.js', 'empty', 'lib', 'none.txt']);
      assert.match(text, /<getcontentlength>14<\/getcontentlength>/);
      assert.match(text, new RegExp(`<getlastmodified>${new Date(TIME * 1000).toUTCString()}</getlastmodified>`));
      const quota = '<propfind xmlns="DAV:"><prop><quota-available-bytes/><quota-used-bytes/><none/></prop></propfind>';
      const room = (await ask('PROPFIND /', { Depth: '0' }, quota)).text;
      const [{ free, used }] = await df([image]);
      assert.match(
        room,
        new RegExp(`<quota-available-bytes>${free}</quota-available-bytes>\\s*<quota-used-bytes>${used}</quota-used-bytes>`),
      );
      assert.match(room, /404 Not Found/);
      const set = (name: string, space: string, value: string) =>
        `<propertyupdate xmlns="DAV:"><set><prop><${name} xmlns="${space}">${value}</${name}></prop></set></propertyupdate>`;
      const microsoft = 'urn:schemas-microsoft-com:';
      const time = await ask('PROPPATCH /boot.js', {}, set('Win32LastModifiedTime', microsoft, 'Sun, 13 Sep 2020 12:26:40 GMT'));
      assert.match(time.text, /200 OK/);
      assert.match((await ask('PROPPATCH /boot.js', {}, set('Win32FileAttributes', microsoft, '00000020'))).text, /200 OK/);
      assert.match((await ask('PROPPATCH /boot.js', {}, set('colour', 'urn:x', 'red'))).text, /403 Forbidden/);
      assert.match((await ask('PROPPATCH /boot.js', {}, set('getetag', 'DAV:', 'x'))).text, /403 Forbidden/);
    });
    const [{ entries }] = await ls([image], { times: true });
    assert.is(entries.find(({ name }) => name === 'boot.js')?.mtime, 1600000000);
  });
}

const lockOf = (owner: string) =>
  `<?xml version="1.0"?><lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype>${owner}</lockinfo>`;

test('what is locked is written by who has the lock, also a file that was not there', async () => {
  const image = at('locks.img');
  await create(image, { fs: 'lfs2', size: '256K' });
  await serving(image, {}, async (ask, { address }) => {
    const locked = await ask('LOCK /a.txt', { Depth: '0', Timeout: 'Second-60' }, lockOf('<owner>one</owner>'));
    assert.is(locked.status, 201);
    const token = locked.headers.get('lock-token') ?? '';
    assert.is(await status(ask('PUT /a.txt', {}, 'other')), 423);
    assert.is(await status(ask('DELETE /a.txt')), 423);
    assert.is(await status(ask('LOCK /a.txt', { Depth: '0' }, lockOf('<owner><href>mailto:two</href></owner>'))), 423);
    assert.is(await status(ask('PUT /a.txt', { If: `(${token})` }, 'mine')), 204);
    assert.match((await ask('PROPFIND /a.txt', { Depth: '0' })).text, /<activelock>/);
    assert.is(await status(ask('MOVE /a.txt', { If: `(${token})`, Destination: `${address}b.txt` })), 201);
    assert.is(await status(ask('PUT /a.txt', {}, 'again')), 201, 'a lock does not move');
    assert.is(await status(ask('PUT /b.txt', {}, 'again')), 204);
    const other = (await ask('LOCK /b.txt', { Depth: '0' }, lockOf('<owner>one</owner>'))).headers.get('lock-token') ?? '';
    assert.is(await status(ask('UNLOCK /b.txt', { 'Lock-Token': other })), 204);
    assert.is(await status(ask('PUT /b.txt', {}, 'free')), 204);
    for (const owner of ['', '<owner/>']) {
      const { status: code, headers } = await ask('LOCK /b.txt', { Depth: '0' }, lockOf(owner));
      assert.is(code, 200, 'whose it is need not be said');
      assert.is(await status(ask('UNLOCK /b.txt', { 'Lock-Token': headers.get('lock-token') ?? '' })), 204);
    }
  });
  assert.is(await textOf(`${image}:/b.txt`), 'free');
});

test('only who knows the token is answered, and only by a name of this computer', async () => {
  const image = at('token.img');
  await create(image, { fs: 'lfs2', size: '64K' });
  await serving(image, {}, async (ask, { address }) => {
    const { host, origin, pathname, port } = new URL(address);
    assert.match(pathname, /^\/[\w-]{22}\/$/);
    assert.is(host, `127.0.0.1:${port}`);
    for (const path of ['/', '/x/', pathname.slice(0, -2), `${pathname.slice(0, -1)}x/`, `/x/..${pathname.slice(0, -2)}`])
      assert.is((await fetch(origin + path, { method: 'PROPFIND' })).status, 404, path);
    const said = (headers: { [name: string]: string }, method = 'GET', path = pathname): Promise<number | undefined> =>
      new Promise((done) =>
        request({ host: '127.0.0.1', port, path, method, headers }, (answer) => done(answer.resume().statusCode)).end(),
      );
    assert.is(await said({ Host: `evil.example:${port}` }), 403);
    assert.is(await said({ Host: `127.0.0.1.evil.example:${port}` }), 403);
    assert.is(await said({ Host: `localhost:${port}` }), 200);
    assert.is(await said({}, 'GET', `${pathname}..%2fx`), 403);
    for (const path of [`${pathname}../x`, `${pathname}%2e%2e/x`, `${pathname}%2e%2e/%2e%2e/x`])
      assert.ok([400, 502].includes((await said({}, 'GET', path)) ?? 0), path);
    // Windows asks before it knows the way.
    const root = await fetch(origin, { method: 'OPTIONS' });
    assert.equal([root.status, root.headers.get('dav')], [200, '1, 2, 3']);
    const { headers } = await ask('GET /');
    assert.is(headers.get('content-security-policy'), 'sandbox');
  });
  await serving(image, { token: 'of-my-own', readonly: true }, async (_ask, { address }) =>
    assert.match(address, /^http:.*\/of-my-own\/$/),
  );
  assert.ok((await serve(image, { token: 'short' }).catch((error) => error)) instanceof UsageError);
});

test('a directory is shown in a browser, whatever names are in it', async () => {
  const image = at('browser.img');
  await create(image, { fs: 'lfs2', size: '256K' });
  await serving(image, {}, async (ask) => {
    await ask('PUT /%3Cb%3E%26%22.txt', {}, 'x');
    await ask('MKCOL /d');
    const { text, headers } = await ask('GET /');
    assert.match(headers.get('content-type') ?? '', /^text\/html/);
    assert.match(text, /<a href="[^"]*\/%3Cb%3E%26%22\.txt">&#60;b&#62;&#38;&#34;\.txt<\/a>.*\/d\/">d\/</);
  });
});

test('read-only nothing is changed, and the image is not touched', async () => {
  const image = at('readonly.img');
  await create(image, { fs: 'fat', size: '256K', from: source });
  utimesSync(image, TIME, TIME);
  await serving(image, { readonly: true }, async (ask) => {
    assert.is((await ask('GET /boot.js')).text, 'print("boot")\n');
    for (const line of ['PUT /x', 'DELETE /boot.js', 'MKCOL /x', 'PROPPATCH /boot.js', 'LOCK /boot.js'])
      assert.is(await status(ask(line, {}, line.startsWith('PUT') ? 'x' : undefined)), 403, line);
    assert.not.match((await ask('OPTIONS /')).headers.get('dav') ?? '', /2/);
  });
  assert.is(statSync(image).mtimeMs, TIME * 1000);
  await create(at('rom.img'), { fs: 'rom', size: 'auto', from: source });
  await serving(at('rom.img'), {}, async (ask, { readonly }) => {
    assert.ok(readonly);
    assert.is((await ask('GET /lib/a.js')).text, 'exports.a = 1;\n');
    assert.is(await status(ask('PUT /x', {}, 'x')), 403);
  });
});

test('a directory of a volume can be what is served', async () => {
  const image = at('inside.img');
  await create(image, { fs: 'lfs2', size: '256K', from: source });
  await serving(`${image}:/lib`, {}, async (ask) => {
    assert.is((await ask('GET /a.js')).text, 'exports.a = 1;\n');
    assert.is(await status(ask('GET /boot.js')), 404);
    assert.is(await status(ask('PUT /deep/x.txt', {}, 'x')), 201);
    assert.match((await ask('PROPFIND /', { Depth: '0' })).text, /<displayname>lib</);
  });
  assert.is(await textOf(`${image}:/lib/deep/x.txt`), 'x');
});

test('what cannot be served is told before anything is', async () => {
  const [image, other] = [at('start.img'), at('other.img')];
  for (const one of [image, other]) await create(one, { fs: 'lfs2', size: '64K' });
  const failing = (place: string, options: ServeOptions = {}) => serve(place, options).then(String, (error: Error) => error);
  const told = async (place: string, options?: ServeOptions) => String(((await failing(place, options)) as Error).message);
  assert.match(await told(source), /is not an image/);
  assert.match(await told(at('none.img')), /there is no image .*none\.img/);
  assert.match(await told(at('none.img:/')), /there is no image/);
  assert.match(await told(`${image}:/none`), /none: it is not there/);
  assert.ok((await failing(`${image}:/none`)) instanceof PlaceError);
  await serving(image, {}, async (_ask, { address }) => {
    assert.match(await told(other, { listen: Number(new URL(address).port) }), /cannot serve: .*EADDRINUSE/);
    assert.match(await told(image), /start\.img is in use by process/);
  });
  // For reading it may be had twice.
  await serving(image, { readonly: true }, async () => {
    await serving(image, { readonly: true }, async (ask) => assert.is(await status(ask('PROPFIND /', { Depth: '0' })), 207));
  });
  assert.equal(
    readdirSync(tmpdir()).filter((name) => name.startsWith(`microvfs-serve-${process.pid}-`)),
    [],
  );
});

const later = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

test('what is changed is in the image some seconds later, while it is served on', async () => {
  const trying = async (inPlace: boolean) => {
    const image = at(`soon-${inPlace}.img`);
    await create(image, { fs: 'fat', size: '256K' });
    await serving(image, { inPlace }, async (ask) => {
      await ask('PUT /a.txt', {}, 'first');
      assert.equal(await pathsIn(image), []);
      for (let i = 0; i < 60 && !(await pathsIn(image)).length; i++) await later(100);
      assert.is(await textOf(`${image}:/a.txt`), 'first');
      assert.is((await ask('GET /a.txt')).text, 'first');
      assert.is(await status(ask('PUT /b.txt', {}, 'second')), 201);
    });
    assert.equal(await pathsIn(image), ['a.txt', 'b.txt']);
  };
  await Promise.all([trying(false), trying(true)]);
});

test('an image that somebody else has changed is left alone: that is told once, and at the end', async () => {
  const image = at('others.img');
  await create(image, { fs: 'lfs2', size: '256K' });
  const notes: string[] = [];
  const served = await serve(image, {}, { note: (line) => notes.push(line) });
  const ask = asking(served);
  const content = new Uint8Array(256 * 1024);
  await ask('PUT /a.txt', {}, 'first');
  writeFileSync(image, content);
  for (let i = 0; i < 60 && !notes.length; i++) await later(100);
  assert.is((await ask('GET /a.txt')).text, 'first');
  await ask('PUT /b.txt', {}, 'second');
  assert.match(await served.close().then(String, (error) => error.message), /changed by somebody else/);
  assert.is(notes.length, 1);
  assert.match(notes[0], /others\.img was changed by somebody else meanwhile/);
  assert.equal(await df([image]).then(String, (error) => error.constructor.name), 'UsageError');
});

test('content that breaks off on its way changes nothing', async () => {
  const image = at('broken.img');
  await create(image, { fs: 'fat', size: '256K', from: source });
  await serving(image, {}, async (ask, { address }) => {
    const { port, pathname } = new URL(address);
    await new Promise<void>((done) => {
      const put = request({ host: '127.0.0.1', port, method: 'PUT', path: `${pathname}boot.js`, headers: { 'Content-Length': 1000 } });
      put.on('error', () => done());
      put.write('half', () => setTimeout(() => put.destroy(), 50));
    });
    assert.is((await ask('GET /boot.js')).text, 'print("boot")\n');
  });
  assert.is(await textOf(`${image}:/boot.js`), 'print("boot")\n');
});

test('what comes after the end of serving changes nothing any more', async () => {
  const image = at('ended.img');
  await create(image, { fs: 'fat', size: '256K', from: source });
  const kept = await Kept.open(image, {}, {});
  const write = (name: string) => kept.change([name], (tree) => tree.write(name, [Buffer.from(name)]));
  await write('/before');
  // As a request that copies a directory: its next step is taken after the end.
  const [, during] = await Promise.all([kept.close(), write('/during').then(String, (error) => error.message)]);
  assert.match(during, /serving has ended/);
  const content = readFileSync(image);
  assert.match(await write('/after').then(String, (error) => error.message), /serving has ended/);
  await later(1200);
  assert.ok(content.equals(readFileSync(image)));
  assert.equal((await fsck(image)).findings, []);
  assert.ok((await pathsIn(image)).includes('before'));
});

test('requests that are nonsense end none but themselves', async () => {
  const image = at('nonsense.img');
  await create(image, { fs: 'lfs2', size: '256K', from: source });
  await serving(image, {}, async (ask) => {
    for (const body of ['<propfind xmlns="DAV:">', '<a xmlns="DAV:"/>', '\u0000xmlns'])
      assert.is(await status(ask('PROPFIND /', { 'Content-Type': 'text/xml' }, body)), 400, body);
    assert.is(await status(ask('PUT /boot.js', { 'Content-Encoding': 'gzip' }, 'not gzip')), 415);
    assert.is(await status(ask('PUT /boot.js', { If: 'nonsense' }, 'x')), 400);
    assert.is(await status(ask('MOVE /boot.js', { Destination: 'http://[' })), 502);
    assert.is((await ask('GET /boot.js')).text, 'print("boot")\n');
  });
});

test('who reads slowly holds up nobody, and does not get a mixture of old and new', async () => {
  const image = at('slow.img');
  await create(image, { fs: 'fat', size: '16M' });
  await serving(image, {}, async (ask, { address }) => {
    await ask('PUT /big', {}, new Uint8Array(12e6));
    const { body } = await fetch(`${address}big`);
    const reader = body?.getReader();
    let n = (await reader?.read())?.value?.length ?? 0;
    assert.is(await status(ask('PUT /other', {}, 'x')), 201);
    assert.is(await status(ask('PUT /big', {}, new Uint8Array(11e6).fill(1))), 204);
    const rest = (async () => {
      for (let one = await reader?.read(); one && !one.done; one = await reader?.read()) n += one.value.length;
    })();
    assert.is(
      await rest.then(
        () => 'whole',
        () => 'broken off',
      ),
      'broken off',
    );
    assert.ok(n < 12e6);
  });
});

test('a board is served through its console', async () => {
  const device = new RAMBlockDev(4096, 16);
  VfsLfs2.mkfs(device);
  vfs.mount(new VfsLfs2(device), '/');
  try {
    const { connect } = new StandInBoard({ modules: { vfs }, echo: false });
    await serving(':/', { connect }, async (ask, { address }) => {
      const content = Uint8Array.from({ length: 36000 }, (_, i) => (i * 7) >> 3);
      const [put, made, again] = await Promise.all([
        status(ask('PUT /a%20%C3%A4.bin', {}, content)),
        status(ask('MKCOL /d')),
        status(ask('PUT /b', {}, 'b')),
      ]);
      assert.equal([put, made, again], [201, 201, 201]);
      assert.equal(new Uint8Array(vfs.readFile('/a ä.bin') as Uint8Array), content);
      const back = new Uint8Array(await (await fetch(`${address}a%20%C3%A4.bin`)).arrayBuffer());
      assert.equal(back, content);
      const part = await fetch(`${address}a%20%C3%A4.bin`, { headers: { Range: 'bytes=34000-34009' } });
      assert.equal(new Uint8Array(await part.arrayBuffer()), content.slice(34000, 34010));
      assert.is(await status(ask('COPY /b', { Destination: `${address}d/c` })), 201);
      assert.is(await status(ask('MOVE /d', { Destination: `${address}e` })), 201);
      assert.match((await ask('PROPFIND /', { Depth: '1' })).text, /<displayname>board<.*<displayname>a ä\.bin</s);
      assert.is(await status(ask('PUT /none/x', {}, 'x')), 409);
      assert.is(await status(ask('PUT /full', {}, new Uint8Array(30000))), 507);
    });
    assert.is(vfs.readFile('/e/c', 'utf8'), 'b');
    assert.equal(vfs.listdir('/').sort(), ['a ä.bin', 'b', 'e']);
  } finally {
    vfs.umount('/', { force: true });
  }
});

test.run();
