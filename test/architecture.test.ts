/** What `ARCHITECTURE.md` says of the sources, counted. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Node } from 'typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packagePath } from '../tools/dist';
import { typescript } from '../tools/typescript';

const ts = typescript();

const MOST_LINES = 60;

const sourcesOf = (folder: string): string[] =>
  readdirSync(packagePath(folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`);

/** The functions whose bodies have more lines, the functions in them included: `file name`, and the lines. */
function longFunctions(file: string): Map<string, number> {
  const found = new Map<string, number>();
  const source = ts.createSourceFile(file, readFileSync(packagePath(file), 'utf8'), ts.ScriptTarget.Latest, true);
  const lineOf = (place: number) => source.getLineAndCharacterOfPosition(place).line;
  const visit = (node: Node): void => {
    const body = ts.isFunctionLike(node) && 'body' in node ? node.body : undefined;
    if (ts.isFunctionLike(node) && body) {
      const lines = lineOf(body.end) - lineOf(body.getStart());
      if (lines > MOST_LINES) found.set(`${file} ${node.name?.getText() ?? lineOf(node.pos)}`, lines);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

test('the functions over 60 lines are those of the table, at most 10, each with its reason', () => {
  const counted = ['modules', 'boards', 'tools', 'bench'].flatMap(sourcesOf).flatMap((file) => [...longFunctions(file)]);
  const [, table] = readFileSync(packagePath('ARCHITECTURE.md'), 'utf8').split('## Long functions');
  const rows = [...table.matchAll(/^\| (\d+) \| `(\w+)`, `([^`]+)` \| (.+) \|$/gm)];
  assert.equal(
    rows.map(([, lines, name, file]) => `${file} ${name} ${lines}`).sort(),
    counted.map(([name, lines]) => `${name} ${lines}`).sort(),
  );
  assert.ok(rows.length <= 10 && rows.every(([, , , , reason]) => reason.length > 10));
});

test('no room has more than 30 % of the code that devices run', () => {
  const rooms = new Map<string, number>();
  const files = ['modules', 'boards'].flatMap(sourcesOf);
  for (const file of files) {
    const room = file.split('/').slice(0, 2).join('/');
    rooms.set(room, (rooms.get(room) ?? 0) + readFileSync(packagePath(file), 'utf8').split('\n').length);
  }
  const all = [...rooms.values()].reduce((sum, lines) => sum + lines, 0);
  assert.equal(
    [...rooms].filter(([, lines]) => lines > all * 0.3),
    [],
  );
  assert.ok(rooms.size > 15);
});

test.run();
