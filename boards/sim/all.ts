/** All boards by name: each file beside this folder is one. The build puts their list in the place of this. */
import { readdirSync } from 'node:fs';
import type { BoardFile } from './board';

export const boards: { [name: string]: BoardFile } = {};

const folder = new URL('..', import.meta.url);
for (const file of readdirSync(folder).sort())
  if (file.endsWith('.ts')) boards[file.slice(0, -3)] = await import(new URL(file, folder).href);
