import { isEspruino } from '../modules/engine';

/**
 * Runs a script as global code: what it declares is there for the next script and the REPL. Espruino's `eval` knows no
 * global code inside functions; there a script gets a scope of its own and shares by `global.name = ...`.
 */
export function runScript(code: string, path: string): void {
  if (isEspruino) new Function('_', 'eval(_)')(code);
  // biome-ignore lint/security/noGlobalEval: running the user's script is the purpose
  // biome-ignore lint/complexity/noCommaOperator: indirect eval is global code
  else (0, eval)(code + '\n//# sourceURL=' + path);
}
