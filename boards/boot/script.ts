/** Running the scripts of a volume. */
import { isEspruino } from '../../modules/engine';
import * as portable from '../../modules/engine/portable.lazy';

/**
 * Runs a script as global code: what it declares is there for the next script and the REPL. Espruino's `eval` knows no
 * global code inside functions; there a script gets a scope of its own and shares by `global.name = ...`.
 */
export function runScript(code: string, path: string): void {
  // Functions of the script keep what is around them: the text is not to be there any more.
  if (isEspruino) new Function('_', 'eval(_.pop())')([code]);
  else portable.run(code, path);
}
