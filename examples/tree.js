// Lists every file of the board, with sizes and what is free.
// microvfs boot --flash chip.bin --run examples/tree.js
var vfs = require('vfs');

function list(dir, indent) {
  var names = vfs.listdir(dir).sort();
  names.forEach(function (name) {
    var path = (dir === '/' ? '' : dir) + '/' + name;
    var stat = vfs.stat(path);
    if (stat[0] & 0x4000) {
      print(indent + name + '/');
      list(path, indent + '  ');
    } else print(indent + name + '  ' + stat[6]);
  });
}

list('/', '');
var space = vfs.statvfs('/');
print((space[3] * space[0]) / 1024 + ' of ' + (space[2] * space[0]) / 1024 + ' kB free');
