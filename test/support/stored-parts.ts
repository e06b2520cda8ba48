/** Espruino's Storage with a file of parts, for bundles that run here; tells which sections are loaded. */
import { ROW } from '../../tools/build/parts';

/** Of a row of the file: the name of the build, and where the section begins. */
const NAME = 4;
const DIGITS = 6;

/**
 * @param content of the file; undefined if it is not there
 * @param count of its sections
 * @param loads is told the number of each section that is loaded
 */
export function storedParts(content: Buffer | undefined, count: number, loads: (section: number) => void) {
  const begins: number[] = [];
  for (let row = 0; content && row < count; row++)
    begins.push(Number(content.toString('latin1', row * ROW + NAME, row * ROW + NAME + DIGITS)));
  const there = new Set<number>();
  return {
    read(_name: string, offset: number, length: number): string | undefined {
      // The text of a section is read when it is loaded, and when it is dropped.
      const section = begins.indexOf(offset);
      if (section >= 0 && !there.delete(section)) {
        there.add(section);
        loads(section);
      }
      return content?.toString('latin1', offset, offset + length);
    },
  };
}
