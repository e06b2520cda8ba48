/**
 * What a factory reset puts on the first volume: paths, each followed by its text. `FACTORY=folder npm run build` puts the
 * files of a folder here instead.
 */
export function factoryFiles(): string[] {
  return [
    '/boot.js',
    '// Runs at each start, before main.js.\n',
    '/main.js',
    '// Your program: runs at each start, after boot.js.\n',
    '/README.txt',
    'This volume belongs to microvfs. At each start boot.js runs, then main.js.\nModules that scripts load with require() go into lib/.\n\nHold the button at power-on for safe mode, in which neither runs,\nor for a factory reset, which makes this volume anew and deletes all files on it.\n',
  ];
}
