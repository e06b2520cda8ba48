/** Booting: the volumes, then the scripts on them. */
import { exists, readFile } from '../../modules/vfs';
import * as counts from './count.lazy';
import * as modules from './modules.lazy';
import { runScript } from './script';
import { loader } from './shared';
import * as trouble from './trouble.lazy';
import type { BoardDescription, BootReport, FurtherDevices, ScriptReport } from './types';
import * as volumes from './volumes.lazy';

/** `require` for what lies in `dir`. Made here, it keeps neither the part that loads modules nor a module's text. */
function requireFrom(dir: string): (name: string) => unknown {
  return function (name: string): unknown {
    return name === 'vfs' ? loader._face : modules.loadModule(name, dir);
  };
}

loader._from = requireFrom;

/**
 * A module: `vfs`, one that the firmware knows, or a file `NAME.js` in one of the directories of `path`. A name that begins
 * with `/` or `.` is a path. A file runs once, as a CommonJS module, with `exports`, `require` and `module`.
 * @throws what the firmware says, or Error, if there is none of that name; what the module throws
 */
export const requireModule: (name: string) => unknown = requireFrom('');

/**
 * Mounts the board's volumes and what else there is, and runs `boot.js` and `main.js`; `main.js` runs also when `boot.js` has
 * failed. Only a device that is blank to its last byte is formatted, unless the button asked for a factory reset. Never throws
 * for what it finds: the report and the console tell. When it was done before, and the first volume is still mounted, it does
 * nothing but to say so.
 *
 * @param face what `require('vfs')` gives to the scripts; its `bootReport` is set before they run
 * @param further instead of those of the description; with the options `create` and `fs` alone those stay
 */
export function bootBoard(board: BoardDescription, face: { bootReport?: BootReport }, further?: FurtherDevices): BootReport {
  const dirs = volumes.mountVolumes(board, face, further);
  const report = face.bootReport as BootReport;
  if (dirs) {
    (globalThis as { require?: unknown }).require = requireModule;
    for (let k = 0; k < 2 && !report.mode; k++) {
      for (let d = 0; d < dirs.length; d++) {
        const path = dirs[d] + (k ? '/main.js' : '/boot.js');
        const script: ScriptReport = { path: path, state: 'ran', error: '', line: 0 };
        try {
          if (!exists(path)) continue;
          if (!report.scripts.length) counts.begin(board, report, further && further.safe);
          if (report.mode) break;
          runScript(readFile(path, 'utf8'), path);
        } catch (error) {
          report.ok = false;
          trouble.scriptFailed(script, error);
        }
        report.scripts.push(script);
        break;
      }
    }
  }
  return report;
}
