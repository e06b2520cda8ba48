// Appends a line to a log at each run, and starts a new one when it has grown: /log.txt, before it /log.old.
// microvfs boot --flash chip.bin --run examples/logger.js
var vfs = require('vfs');
var MOST = 4096;

function log(text) {
  if (vfs.exists('/log.txt') && vfs.stat('/log.txt')[6] + text.length > MOST) vfs.rename('/log.txt', '/log.old');
  var file = vfs.open('/log.txt', 'a');
  file.write(text + '\n');
  file.close();
}

log('started with ' + vfs.statvfs('/')[3] + ' blocks free');
print(vfs.readFile('/log.txt', 'utf8'));
