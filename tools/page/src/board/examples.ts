/** Scripts to try, as one would type them. */
export const examples: { [title: string]: string } = {
  'Write and read a file': `var vfs = require('vfs');
vfs.writeFile('/hello.txt', 'Hello from the flash.\\n');
print(vfs.readFile('/hello.txt', 'utf8'));
vfs.listdir('/')`,
  'A logger: 200 synced appends': `var vfs = require('vfs');
var log = vfs.open('/log.txt', 'a');
for (var i = 0; i < 200; i++) {
  log.write(i + ' ' + (20 + i % 7) + '\\n');
  log.flush();
}
log.close();
vfs.stat('/log.txt')[6] + ' bytes'`,
  'Many files in directories': `var vfs = require('vfs');
for (var d = 0; d < 4; d++) {
  vfs.makedirs('/data/' + d);
  for (var i = 0; i < 12; i++) vfs.writeFile('/data/' + d + '/' + i + '.json', JSON.stringify({ day: d, hour: i }));
}
vfs.listdir('/data').join(' ')`,
  'A file of 100 kB': `var vfs = require('vfs');
var file = vfs.open('/large.bin', 'wb');
for (var i = 0; i < 100; i++) file.write(new Uint8Array(1024));
file.close();
vfs.statvfs('/')[3] + ' blocks free'`,
  'A logger that runs on': `var vfs = require('vfs'), n = 0;
setInterval(function () {
  LED1.toggle();
  var log = vfs.open('/ticks.txt', 'a');
  log.write(++n + '\\n');
  log.close();
}, 1000);
'until clearInterval()'`,
  'Light the LED': `LED1.set();
LED1.read()`,
  'What the boot found': `JSON.stringify(require('vfs').bootReport)`,
};
