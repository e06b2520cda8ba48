/** The compiler of TypeScript, loaded when it is asked for. */
import { createRequire } from 'node:module';
import type ts from 'typescript';

const require = createRequire(import.meta.url);

/** Required: an import looks first through all of its nine million characters for what they export, which takes twice as long as loading it. */
export const typescript = (): typeof ts => require('typescript');
