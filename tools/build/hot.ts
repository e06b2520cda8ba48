/** What of the build Node compiles. */
import { setFlagsFromString } from 'node:v8';

/** Node spends half of a build's CPU on compiling functions that soon have done their work: from here on only what runs for long is worth it. */
export function compileOnlyHot(): void {
  setFlagsFromString('--interrupt-budget=600000');
}
