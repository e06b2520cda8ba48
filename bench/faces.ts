/**
 * `npm run bench:faces [BOARD [SUFFIX]]`: what drivers, descriptors, devices, streams, poll and `fs` take, part by part, as the tables of
 * `docs/drivers.md` and `docs/fs.md` have it. Wants `ESPRUINO_D14`, as `bench:memory` does.
 */
import { distPath } from '../tools/dist';
import { byPart } from '../tools/room-sizes';
import { storedBundles } from '../tools/stored';
import { Bench } from './variables';

interface Row {
  name: string;
  /** Parts that the step loads, as `npm run size` names them but without `modules/`, beside those of the file system. */
  parts: string;
  /** What is there before, and not counted. */
  begin: string;
  /** What is counted; it calls `finish()` if it is over later. */
  step: string;
  /** For what is over later: so much of it as is held while it is at work. */
  held?: string;
}

const MOUNTED = "var vfs=require('vfs');vfs.mount(new vfs.Partition('vfs'),'/');";
const DRIVER =
  'var driver={open:function(){return 0;},read:function(fd,b){return 0;},write:function(fd,b){return b.length;},close:function(){return 0;}};';
const PORTS =
  'function Port(){}Port.prototype.on=Port.prototype.removeListener=Port.prototype.write=function(){};var one=new Port(),two=new Port();';
const FD = `${MOUNTED}var fd=vfs.fd;var buf=new Uint8Array(8);`;
const FS = `${MOUNTED}var fs=vfs.installFs();var buf=new Uint8Array(8);`;
const DEVICES = `${FD}${PORTS}vfs.register('/dev',vfs.devfs({'uart/1':vfs.uart(one),'uart/2':vfs.uart(two)}));`;

const TABLES: { [title: string]: Row[] } = {
  'drivers.md': [
    {
      name: '`register` of a driver with four operations',
      parts: 'vfs/prefix',
      begin: MOUNTED,
      step: `${DRIVER}vfs.register('/data',driver);`,
    },
    {
      name: 'a file of a driver is open, by `vfs.open`',
      parts: 'vfs/driver vfs/driver-file vfs/driver-io',
      begin: `${MOUNTED}${DRIVER}vfs.register('/data',driver);`,
      step: "var file=vfs.open('/data/f','w');file.write('text');",
    },
    { name: '`vfs.fd` is made', parts: 'doors', begin: MOUNTED, step: 'var fd=vfs.fd;' },
    { name: 'a descriptor is open, on littlefs', parts: 'fd/open', begin: FD, step: "var n=fd.open('/f0');" },
    { name: 'and was read', parts: 'fd/io', begin: `${FD}var n=fd.open('/f0');`, step: 'fd.read(n,buf);' },
    { name: 'is open, and was written', parts: 'fd/open fd/io', begin: FD, step: "var n=fd.open('/f0',fd.O_WRONLY);fd.write(n,'text');" },
    { name: 'is closed', parts: 'fd/shut', begin: `${FD}var n=fd.open('/f0');fd.read(n,buf);`, step: 'fd.close(n);' },
    {
      name: 'one of a driver is open, and was written',
      parts: 'fd/open fd/io vfs/driver',
      begin: `${FD}${DRIVER}vfs.register('/data',driver);`,
      step: "var n=fd.open('/data/f',fd.O_WRONLY);fd.write(n,'text');",
    },
    { name: 'what POSIX does by names', parts: 'fd/names', begin: FD, step: "fd.access('/f0');" },
    { name: '`devfs()` is made and registered', parts: 'devfs/devfs vfs/prefix', begin: FD, step: "vfs.register('/dev',vfs.devfs());" },
    { name: 'a `uart()`', parts: 'devfs/uart', begin: `${FD}${PORTS}`, step: 'var uart=vfs.uart(one);' },
    { name: 'a descriptor of it is open', parts: 'fd/open vfs/driver', begin: DEVICES, step: "var n=fd.open('/dev/uart/1');" },
    {
      name: '`poll` waits for two',
      parts: 'fd/poll',
      begin: `${DEVICES}var n=fd.open('/dev/uart/1'),m=fd.open('/dev/uart/2');`,
      step: 'vfs.poll([n,m],50,function(){finish();});',
      held: 'vfs.poll([n,m],50,function(){});',
    },
    {
      name: 'stream 1 leads to a file, and a line was printed',
      parts: 'fd/streams fd/print fd/io engine/console',
      begin: FD,
      step: "vfs.redirect(1,'/log');console.log('line');vfs.redirect(1);",
      held: "vfs.redirect(1,'/log');console.log('line');",
    },
    { name: 'and back', parts: 'fd/streams fd/restore fd/shut', begin: `${FD}vfs.redirect(1,'/log');`, step: 'vfs.redirect(1);' },
  ],
  'fs.md': [
    { name: '`installFs()`', parts: 'fs/face fs/espruino boards/boot/fs', begin: MOUNTED, step: 'var fs=vfs.installFs();' },
    { name: 'what only looks: `statSync`', parts: 'fs/look', begin: FS, step: "fs.statSync('/f0');" },
    { name: 'whole files: `readFileSync`', parts: 'fs/content', begin: FS, step: "fs.readFileSync('/f0');" },
    { name: '`writeFileSync`', parts: 'fs/content fs/encodings', begin: FS, step: "fs.writeFileSync('/n','text');" },
    { name: 'what changes the tree: `mkdirSync`', parts: 'fs/change', begin: FS, step: "fs.mkdirSync('/d');" },
    { name: 'whole trees: `rmSync`', parts: 'fs/trees', begin: `${FS}fs.mkdirSync('/d');`, step: "fs.rmSync('/d',{recursive:true});" },
    { name: 'other encodings than UTF-8', parts: 'fs/encodings', begin: FS, step: "fs.readFileSync('/f0','latin1');" },
    { name: 'a descriptor is open', parts: 'fs/open fd/open', begin: FS, step: "var n=fs.openSync('/f0','r');" },
    { name: 'and was read', parts: 'fs/io', begin: `${FS}var n=fs.openSync('/f0','r');`, step: 'fs.readSync(n,buf,0,8);' },
    {
      name: 'is open, and was written',
      parts: 'fs/io fs/open fd/open',
      begin: FS,
      step: "var n=fs.openSync('/f0','r+');fs.writeSync(n,'text');",
    },
    { name: 'is closed', parts: 'fd/shut', begin: `${FS}var n=fs.openSync('/f0','r');fs.readSync(n,buf,0,8);`, step: 'fs.closeSync(n);' },
    { name: 'a `File` of `E.openFile` is open', parts: 'fs/espruino', begin: FS, step: "var f=E.openFile('/f0','r');f.read(8);" },
    {
      name: 'a stream that reads',
      parts: 'fs/streams',
      begin: FS,
      step: "var s=fs.createReadStream('/f0');s.on('data',function(){});s.on('close',function(){finish();});",
      held: "var s=fs.createReadStream('/f0');s.on('data',function(){});",
    },
    {
      name: 'a stream that writes',
      parts: 'fs/streams fs/encodings',
      begin: FS,
      step: "var s=fs.createWriteStream('/n');s.on('close',function(){finish();});s.write('text');s.end();",
      held: "var s=fs.createWriteStream('/n');s.write('text');",
    },
    { name: '`fs.promises`', parts: 'fs/promises', begin: FS, step: 'var p=fs.promises;' },
    {
      name: 'and one of its functions, to its end',
      parts: 'fs/promises fs/look',
      begin: `${FS}var p=fs.promises;`,
      step: "p.stat('/f0').then(function(){finish();});",
      held: "p.stat('/f0').then(function(){});",
    },
  ],
};

const [board = 'esp32', kind = '-sd'] = process.argv.slice(2);
const program = process.env.ESPRUINO_D14;
if (!program) {
  console.error('set ESPRUINO_D14 to a build of Espruino with 14-byte variables');
  process.exit(2);
}

const sizes = byPart(distPath(storedBundles(board, kind)['vfs-parts']));
const bench = new Bench(program);
try {
  await bench.store(board, kind);
  for (const [title, rows] of Object.entries(TABLES)) {
    console.log(`${title}\n| step | parts | bytes | held | peak |\n| --- | --- | --- | --- | --- |`);
    for (const { name, parts, begin, step, held = step } of rows) {
      const list = parts.split(' ').filter(Boolean);
      const each = list.map((part) => {
        const size = sizes.get(part) ?? sizes.get(`modules/${part}`);
        if (!size) throw new Error(`there is no part ${part}`);
        return size.bytes;
      });
      const after = (await bench.held(2, [[name, held]], begin)).steps[0].variables;
      const peak = await bench.peak(2, step, false, begin);
      const sum = each.reduce((a, b) => a + b, 0);
      console.log(`| ${name} | ${list.map((part) => `\`${part}\``).join(', ')} | ${sum.toLocaleString('en')} | ${after} | ${peak} |`);
    }
  }
} finally {
  bench.close();
}
