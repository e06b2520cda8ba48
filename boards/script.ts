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

/**
 * The line of the script at `path` in which an error arose, 0 where the engine does not tell. Each engine has its own name
 * for evaluated code in stack traces: `input` QuickJS, MicroQuickJS, Duktape; `<eval>` JerryScript (an array, and for
 * syntax errors in the message); `eval (` Espruino; the path itself, or `<anonymous>`, Node and Hermes.
 */
export function errorLine(error: unknown, path: string): number {
  const fields = error as Error;
  if (!fields || typeof fields !== 'object') return 0;
  const text = fields.stack + '\n' + fields.message;
  const marks = [path + ':', '<input>:', '(input:', '<eval>:', 'eval (:', '<anonymous>:'];
  let first = text.length;
  let line = 0;
  for (let i = 0; i < marks.length; i++) {
    const at = text.indexOf(marks[i]);
    if (at >= 0 && at < first) {
      first = at;
      line = parseInt(text.substring(at + marks[i].length), 10) || 0;
    }
  }
  return line;
}

/** What an error says, whatever was thrown. */
export function errorText(error: unknown): string {
  try {
    // ECORRUPT and its kind name themselves; `Error: ` before them says nothing.
    return error && (error as { errno?: number }).errno ? (error as Error).message : '' + error;
  } catch (_unprintable) {
    return typeof error;
  }
}
