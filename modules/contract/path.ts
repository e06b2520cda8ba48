/** The only place where paths are taken apart. */

/**
 * Takes the names out of an absolute path, textually: without `.`, `..` and empty ones, which `//` makes.
 * @param names gets them
 * @returns whether it was written so that only a directory can be meant, ending in `/`, `.` or `..`
 */
export function namesIn(path: string, names: string[]): boolean {
  const parts = path.split('/');
  let slash = true;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    // Empty, `.` or `..`.
    slash = '..'.indexOf(part) === 0;
    if (!slash) names.push(part);
    else if (part.length > 1) names.pop();
  }
  return slash;
}
