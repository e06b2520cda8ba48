/** Loading modules from mounted volumes. */

import { expect } from '../../modules/contract/errno';
import { isEspruino } from '../../modules/engine';
import { exists, getcwd, readFile } from '../../modules/vfs';
import { locate } from '../../modules/vfs/mounts';
import { loader } from './shared';

const OS = ',chdir,getcwd,ilistdir,listdir,mkdir,mount,remove,rename,rmdir,stat,statvfs,sync,umount,unlink,VfsFat,VfsLfs2,';

/** A module of the system that the board re-creates, made of what the bundle has; nothing for another name. */
function systemModule(name: string): { exports: unknown } | undefined {
  const face = loader._face as { [name: string]: unknown };
  const key = loader._module + ' ' + name;
  if (!loader._loaded[key] && (name === 'os' || name === loader._module)) {
    const exported: { [name: string]: unknown } = {};
    let any = false;
    for (const one in face) {
      // The classes of its devices.
      if (name === 'os' ? OS.indexOf(',' + one + ',') >= 0 : /^[A-Z]/.test(one) && one.indexOf('Vfs')) {
        exported[one] = face[one];
        any = true;
      }
    }
    if (any) loader._loaded[key] = { exports: exported };
  }
  return loader._loaded[key];
}

type Body = (exports: unknown, require: (name: string) => unknown, module: { exports: unknown }) => void;

/** @param base the directory that relative names start from, '' for the working directory */
export function loadModule(name: string, base: string): unknown {
  expect(typeof name === 'string', 'name');
  const first = name[0];
  let failure: unknown;
  let places = loader._path;
  const fs = name === 'fs' && loader._loaded.fs;
  if (fs) return fs.exports;
  if (first === '/') places = [''];
  else if (first === '.') places = [base || getcwd()];
  else if (loader._outer) {
    try {
      return loader._outer(name);
    } catch (error) {
      failure = error;
    }
  }
  for (let i = 0; i < places.length; i++) {
    // One file is one module, however its path is written.
    const path = locate(places[i] + '/' + name, 'require')._path;
    const file = /\.js$/.test(path) ? path : path + '.js';
    const known = loader._loaded[file];
    if (known) return known.exports;
    if (exists(file)) return run(file);
  }
  const system = systemModule(name);
  if (system) return system.exports;
  throw failure || new Error('no module ' + name);
}

function run(file: string): unknown {
  const module: { exports: unknown } = { exports: {} };
  const dir = file.substring(0, file.lastIndexOf('/'));
  const code = readFile(file, 'utf8');
  const inner = (loader as Required<typeof loader>)._from(dir);
  // A cycle gets what is there so far.
  loader._loaded[file] = module;
  try {
    const body: Body = isEspruino
      ? (new Function('exports', 'require', 'module', code) as Body)
      : // biome-ignore lint/security/noGlobalEval: running the user's module is the purpose
        // biome-ignore lint/complexity/noCommaOperator: indirect eval is global code
        (0, eval)('(function(exports,require,module){' + code + '\n})\n//# sourceURL=' + file);
    body(module.exports, inner, module);
  } catch (error) {
    loader._loaded[file] = undefined;
    throw error;
  }
  return module.exports;
}
