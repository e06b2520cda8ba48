import { loadModule } from './modules';

/** What `require` needs to know. */
export const loader: {
  /** What `require('vfs')` gives. */
  _face?: unknown;
  /** `require` for names that the firmware knows. */
  _outer?: (name: string) => unknown;
  /** Modules that were loaded from volumes, by path. */
  _loaded: { [path: string]: { exports: unknown } | undefined };
  _path: string[];
} = { _loaded: {}, _path: ['/lib'] };

/** Directories in which `require` looks for modules, in this order. Booting fills it; scripts may change it. */
export const path = loader._path;

/**
 * A module: `vfs`, one that the firmware knows, or a file `NAME.js` in one of the directories of `path`. A name that begins
 * with `/` or `.` is a path. A file runs once, as a CommonJS module, with `exports`, `require` and `module`.
 * @throws what the firmware says, or Error, if there is none of that name; what the module throws
 */
export function requireModule(name: string): unknown {
  return name === 'vfs' ? loader._face : loadModule(name, '');
}
