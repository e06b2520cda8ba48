/** What `npm start` runs on the device after boot: files to play with on a fresh volume, and what there is. Runs on every engine. */
export const tourSource = `
(function () {
  var vfs = require('vfs');
  var report = vfs.bootReport;
  print('Boot report: ' + JSON.stringify(report));
  if (report.volumes[0].state === 'formatted') {
    vfs.writeFile('/hello.txt', 'Hello from the flash chip.\\n');
    vfs.writeFile('/boot.js', "print('boot.js: runs first');\\n");
    vfs.writeFile('/main.js',
      "var vfs = require('vfs');\\n" +
      "var starts = vfs.exists('/starts.txt') ? parseInt(vfs.readFile('/starts.txt', 'utf8'), 10) + 1 : 1;\\n" +
      "vfs.writeFile('/starts.txt', '' + starts);\\n" +
      "print('main.js: start number ' + starts);\\n");
    print('A fresh volume: /hello.txt, /boot.js and /main.js are new. The latter two run at the next start.');
  }
  var mounts = vfs.mount();
  for (var i = 0; i < mounts.length; i++) {
    var space = vfs.statvfs(mounts[i][1]);
    print('Mounted at ' + mounts[i][1] + ': ' + space[3] * space[0] / 1024 + ' of ' + space[2] * space[0] / 1024 + ' kB free');
  }
  function list(dir, indent) {
    var names = vfs.listdir(dir).sort();
    for (var k = 0; k < names.length; k++) {
      var path = (dir === '/' ? '' : dir) + '/' + names[k];
      var stat = vfs.stat(path);
      var isDir = (stat[0] & 0xf000) === 0x4000;
      print(indent + names[k] + (isDir ? '/' : '  ' + stat[6]));
      if (isDir) list(path, indent + '  ');
    }
  }
  list('/', '  ');
})();
`;
