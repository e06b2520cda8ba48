/** Which file of a room a device has loaded when, by what imports it. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Parts, placeOf } from '../../tools/build/parts';
import { typescript } from '../../tools/typescript';

const ts = typescript();

/** The files of a room by what imports them, without types, as the build has them. */
function importers(room: string, names: string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const name of names) {
    const file = join(room, name);
    const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2021 },
    });
    for (const { fileName } of ts.preProcessFile(outputText).importedFiles) {
      const imported = `${resolve(dirname(file), fileName)}.ts`;
      found.set(imported, [...(found.get(imported) ?? []), file]);
    }
  }
  return found;
}

/** The files of `modules/NAME`, those of its folders too if `recursive`, by the part that they are in, or `MAIN`; in the order of their names. */
export function placed(name: string, recursive: boolean): Record<string, string[]> {
  const room = fileURLToPath(new URL(`../../modules/${name}`, import.meta.url));
  const sources = readdirSync(room, { recursive, encoding: 'utf8' }).filter((one) => one.endsWith('.ts'));
  const byFile = importers(room, sources);
  const parts = { partOf: (file: string) => /([^/]+)\.lazy\.ts$/.exec(file)?.[1] } as Parts;
  const places: Record<string, string[]> = {};
  for (const one of sources) {
    const place = placeOf(join(room, one), parts, (id) => byFile.get(id) ?? []);
    places[place] = [...(places[place] ?? []), one].sort();
  }
  return places;
}
