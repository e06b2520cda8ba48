/**
 * The examples of ESP-IDF's documentation of its virtual filesystem component, as scripts, on a simulated ESP32 whose serial ports the
 * test feeds: on the host over the sources, and as built for devices in the engines that npm brings. The small engines run the
 * same in `drivers-engines`.
 */
import { existsSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { boot } from '../boards/esp32';
import { norFromImage, simHardware } from '../boards/sim';
import { mount, umount } from '../modules/vfs';
import { distPath } from '../tools/dist';
import { deviceSources, type Engine } from '../tools/engines/engine';
import { nodeEngine } from '../tools/engines/node';
import { quickjsEngine } from '../tools/engines/quickjs';
import { freshChip } from '../tools/partition-table';
import { chipWith, rows, tableImage } from './esp32-chip';

/** A script, what comes in at a port, or what has been sent there by then. */
type Step = string | { port: number; comes: string } | { port: number; sent: string };

interface Example {
  title: string;
  steps: Step[];
  prints: string[];
  /** It waits for a time: the engines without timers cannot. */
  timers?: boolean;
}

const examples: Example[] = [
  {
    title: 'one driver with two contexts, registered at /data1 and /data2',
    steps: [
      `function Store(name) { this.name = name; this.files = {}; this.open = []; }
      var driver = {
        open: function (store, path, flags) {
          if (!store.files[path]) { if (!(flags & 64)) return -2; store.files[path] = []; }
          return store.open.push(path) - 1;
        },
        write: function (store, fd, bytes) {
          for (var i = 0; i < bytes.length; i++) store.files[store.open[fd]].push(bytes[i]);
          return bytes.length;
        },
        read: function (store, fd, buf) { buf.set(store.files[store.open[fd]]); return store.files[store.open[fd]].splice(0, 99).length; },
        close: function (store, fd) { print('close ' + store.name + store.open[fd]); return 0; }
      };
      var one = new Store('one'), two = new Store('two');
      vfs.register('/data1', driver, one);
      vfs.register('/data2', driver, two);
      var a = vfs.fd.open('/data1/log', vfs.fd.O_WRONLY | vfs.fd.O_CREAT);
      var b = vfs.fd.open('/data2/log', vfs.fd.O_WRONLY | vfs.fd.O_CREAT);
      print(vfs.fd.write(a, 'first') + vfs.fd.write(b, 'second'));
      vfs.fd.close(a);
      vfs.fd.close(b);
      print(vfs.readFile('/data1/log', 'utf8') + ' ' + two.files['/log'].length);
      try { vfs.readFile('/data2/none'); } catch (error) { print(error.code); }
      vfs.unregister('/data1');
      vfs.unregister('/data2');`,
    ],
    prints: ['11', 'close one/log', 'close two/log', 'close one/log', 'first 6', 'ENOENT'],
  },
  ...['/data /data/static', '/data/static /data'].map((order) => ({
    title: `the longest of two prefixes decides, registered in the order ${order}`,
    steps: [
      `'${order}'.split(' ').forEach(function (prefix) {
        vfs.register(prefix, { stat: function (path) {
          print(prefix + ' is asked for ' + path);
          return prefix === '/data' ? [0x8000, 0, 0, 0, 0, 0, 0, 0, 0, 0] : -2;
        } });
      });
      vfs.stat('/data/index.html');
      vfs.stat('/data/statics');
      try { vfs.stat('/data/static/icon.png'); } catch (error) { print(error.code); }
      vfs.unregister('/data');
      vfs.unregister('/data/static');`,
    ],
    prints: ['/data is asked for /index.html', '/data is asked for /statics', '/data/static is asked for /icon.png', 'ENOENT'],
  })),
  {
    title: 'the fallback gets what no prefix and no mount has',
    steps: [
      `vfs.umount('/');
      vfs.register('', { stat: function (path) { print('fallback ' + path); return [0x8000, 0, 0, 0, 0, 0, 1, 0, 0, 0]; } });
      vfs.register('/foo', { stat: function (path) { print('foo ' + path); return -2; } });
      vfs.stat('/bar/file');
      vfs.stat('/food');
      try { vfs.stat('/foo/bar'); } catch (error) { print(error.code); }
      vfs.unregister('/foo');
      vfs.stat('/foo/bar');
      vfs.unregister('');
      try { vfs.stat('/bar/file'); } catch (error) { print(error.code); }`,
    ],
    prints: ['fallback /bar/file', 'fallback /food', 'foo /bar', 'ENOENT', 'fallback /foo/bar', 'ENODEV'],
  },
  {
    title: 'numbers are read from a serial port as by fscanf: a line that has not ended is EAGAIN, and nothing of it is lost',
    steps: [
      `vfs.register('/dev', vfs.devfs({ 'uart/1': vfs.uart(Serial1, { rx: 'CR', tx: 'CRLF' }) }));
      var port = vfs.open('/dev/uart/1', 'r+');
      function scan() {
        try { print(port.readline().trim().split(' ').map(function (word) { return +word * 2; }).join()); } catch (error) { print(error.code); }
      }
      scan();`,
      { port: 1, comes: '12 3' },
      'scan();',
      { port: 1, comes: '4 5\r6\r' },
      "scan(); scan(); scan(); port.write('done\\n'); port.close();",
      { port: 1, sent: 'done\r\n' },
      "vfs.unregister('/dev');",
    ],
    prints: ['EAGAIN', 'EAGAIN', '24,68,10', '12', 'EAGAIN'],
  },
  {
    title: 'stdout leads to a serial port, and back to the console',
    steps: [
      `vfs.register('/dev', vfs.devfs());
      print(vfs.listdir('/dev/uart').join());
      vfs.redirect(1, '/dev/uart/1');
      console.log('over the wire', 42);
      vfs.stdout.write('and this');`,
      { port: 1, sent: 'over the wire 42\nand this' },
      "vfs.redirect(1); print('console'); vfs.unregister('/dev');",
      { port: 1, sent: '' },
    ],
    prints: ['1,2', 'console'],
  },
  {
    title: 'select waits for two serial ports, and tells which has something to read',
    steps: [
      `vfs.register('/dev', vfs.devfs());
      var ports = [1, 2].map(function (n) { return vfs.fd.open('/dev/uart/' + n, vfs.fd.O_RDONLY | vfs.fd.O_NONBLOCK); });
      function wait() {
        vfs.poll(ports, undefined, function (ready) {
          var buf = new Uint8Array(20);
          print(ready.map(function (one) { return ports.indexOf(one.fd) + 1 + ': ' + vfs.fd.read(one.fd, buf); }).join());
        });
      }
      wait();`,
      { port: 2, comes: 'hello' },
      'wait();',
      { port: 1, comes: 'ab' },
      "ports.forEach(function (fd) { vfs.fd.close(fd); }); vfs.unregister('/dev');",
    ],
    prints: ['2: 5', '1: 2'],
  },
  {
    title: 'select ends when its time has passed',
    timers: true,
    steps: [
      `vfs.register('/dev', vfs.devfs());
      var ports = [1, 2].map(function (n) { return vfs.fd.open('/dev/uart/' + n); });
      vfs.poll(ports, 30, function (ready) { print('ready: ' + ready.length); });`,
      "ports.forEach(function (fd) { vfs.fd.close(fd); }); vfs.unregister('/dev');",
    ],
    prints: ['ready: 0'],
  },
];

/** Where an example runs. */
interface Place {
  /** As global code. */
  run(source: string): void;
  feed(port: number, data: string): void;
  /** What was sent since the last time. */
  sent(port: number): string;
  lines: string[];
  pause(): Promise<void>;
}

async function follow(example: Example, { run, feed, sent, lines, pause }: Place): Promise<void> {
  lines.length = 0;
  for (const step of example.steps) {
    if (typeof step === 'string') run(step);
    else if ('comes' in step) feed(step.port, step.comes);
    else assert.is(sent(step.port), step.sent);
    await pause();
  }
  assert.equal(lines, example.prints);
}

async function inEngine(example: Example, engine: Engine): Promise<void> {
  const lines: string[] = [];
  const nor = norFromImage(freshChip(512 * 1024), { eraseSize: 4096, progSize: 4 });
  const device = await engine.start(nor, (line) => lines.push(line));
  const run = (source: string): void => {
    const outcome = device.evaluate(source, 'example');
    assert.ok(outcome.ok, outcome.text);
  };
  for (const { source } of deviceSources('esp32', '-sd')) run(source);
  run("var vfs = require('vfs'); vfs.boot();");
  const sent = (port: number): string => {
    run(`__host.print(JSON.stringify(Serial${port}.sent)); Serial${port}.sent = '';`);
    return JSON.parse(lines.pop() as string);
  };
  await follow(example, {
    run,
    feed: (port, data) => run(`Serial${port}.feed(${JSON.stringify(data)})`),
    sent,
    lines,
    pause: async () => {},
  });
  device.close();
}

async function onHost(example: Example): Promise<void> {
  for (const [fs] of mount()) umount(fs, { force: true });
  const lines: string[] = [];
  const { serials } = simHardware('esp32', chipWith(tableImage(rows)), undefined);
  const shared = globalThis as unknown as Record<string, unknown> & { require(name: string): unknown };
  const before = { ...shared };
  const { log } = console;
  console.log = () => {};
  boot();
  console.log = log;
  Object.assign(shared, {
    vfs: shared.require('vfs'),
    print: (line: unknown) => lines.push(String(line)),
    Serial1: serials[0],
    Serial2: serials[1],
  });
  const sent = (port: number): string => {
    const data = serials[port - 1].sent;
    serials[port - 1].sent = '';
    return data;
  };
  const pause = () => new Promise<void>((done) => setTimeout(done, example.timers ? 60 : 5));
  try {
    await follow(example, {
      run: (source) => runInThisContext(source),
      feed: (port, data) => serials[port - 1].feed(data),
      sent,
      lines,
      pause,
    });
  } finally {
    // What the scripts have declared cannot be deleted; their functions and the ports can go.
    for (const name of Object.keys(shared)) if (!(name in before)) shared[name] = undefined;
  }
}

for (const example of examples) test(`on the host: ${example.title}`, () => onHost(example));

if (!existsSync(distPath('esp32/vfs-sd.min.js'))) console.log('SKIP: the examples in engines: run npm run build first');
else
  for (const [name, engine] of Object.entries({ node: nodeEngine, quickjs: quickjsEngine }))
    for (const example of examples.filter(({ timers }) => !timers))
      test(`as built, in ${name}: ${example.title}`, () => inEngine(example, engine));

test.run();
