/** Loading modules from mounted volumes. Rarely used: a part to load on demand. */

import { expect } from '../../modules/contract/errno';
import { isEspruino } from '../../modules/engine';
import { exists, getcwd, readFile } from '../../modules/vfs';
import { locate } from '../../modules/vfs/table';
import type { BootReport } from './boot';
import { loader } from './require';

/** A module of the systems that the boards re-create, made of what the bundle has; nothing for another name. */
function systemModule(name: string): { exports: unknown } | undefined {
  const face = loader._face as { [name: string]: unknown; bootReport?: BootReport };
  const modules: { [boardAndName: string]: string } = {
    'esp32 esp32': 'Partition',
    'stm32 pyb': 'Flash,SDCard',
    'zephyr zephyr': 'FlashArea,DiskAccess',
    'rp2 rp2': 'Flash',
    'nrf52 nrf': 'Flash',
  };
  const key = (face.bootReport ? face.bootReport.board : '') + ' ' + name;
  const list =
    name === 'os'
      ? 'chdir,getcwd,ilistdir,listdir,mkdir,mount,remove,rename,rmdir,stat,statvfs,sync,umount,unlink,VfsFat,VfsLfs2'
      : modules[key];
  if (!loader._loaded[key] && list) {
    const names = list.split(',');
    const exported: { [name: string]: unknown } = {};
    for (let i = 0; i < names.length; i++) if (face[names[i]]) exported[names[i]] = face[names[i]];
    loader._loaded[key] = { exports: exported };
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
  if (name === 'vfs') return loader._face;
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
  const inner = function (name: string): unknown {
    return loadModule(name, dir);
  };
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
