/** How values and errors look on the device's console, on engines whose own console shows little. Runs inside them: ES5. */

const MOST = 100;
/** Of a stack that has run over, the rest is more of the same. */
const FRAMES = 20;

/** One value for a console: strings as they are on top, quoted inside. */
export function show(value: unknown): string {
  return typeof value === 'string' ? value : inner(value, 0);
}

function inner(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return '[function]';
  if (value === null || typeof value !== 'object') return String(value);
  if (value instanceof Error) return String(value);
  if (value instanceof Uint8Array) return 'Uint8Array(' + value.length + ') ' + list(value, depth);
  if (Array.isArray(value)) return depth > 2 ? '[...]' : list(value, depth);
  if (depth > 2) return '{...}';
  const parts: string[] = [];
  const fields = value as { [key: string]: unknown };
  const keys = Object.keys(fields);
  for (let i = 0; i < keys.length && i < MOST; i++) parts.push(keys[i] + ': ' + inner(fields[keys[i]], depth + 1));
  if (keys.length > MOST) parts.push('...');
  return parts.length ? '{ ' + parts.join(', ') + ' }' : '{}';
}

function list(items: ArrayLike<unknown>, depth: number): string {
  const parts: string[] = [];
  for (let i = 0; i < items.length && i < MOST; i++) parts.push(inner(items[i], depth + 1));
  if (items.length > MOST) parts.push('... ' + (items.length - MOST) + ' more');
  return '[' + parts.join(', ') + ']';
}

/** An uncaught error: what it says, and the stack where the engine keeps one. */
export function describe(error: unknown): string {
  const text = error instanceof Error ? String(error) : 'Uncaught ' + inner(error, 0);
  const kept: unknown = error instanceof Error ? error.stack : '';
  // JerryScript keeps an array, Node begins with the text.
  const stack = Array.isArray(kept) ? '    at ' + kept.join('\n    at ') : typeof kept === 'string' ? kept : '';
  const where = stack.indexOf(text) === 0 ? stack.substring(text.length + 1) : stack;
  if (!where) return text;
  const frames = where.split('\n');
  return text + '\n' + (frames.length > FRAMES ? frames.slice(0, FRAMES).join('\n') + '\n    ...' : where);
}
