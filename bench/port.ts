/** `npx tsx bench/port.ts`: files to and from real Espruino over a line of 115,200 baud, which is a pseudo terminal that is slowed down. */
import { randomBytes } from 'node:crypto';
import { espruinoOnPort } from '../test/support/board-port';
import { BoardTree } from '../tools/port/board-tree';
import { connect } from '../tools/port/connect';
import { BoardConsole } from '../tools/port/console';

/** Bytes in a second of 115,200 baud: eight bits with start and stop. */
const LINE = 11520;
const SIZE = 32768;

const program = process.env.ESPRUINO;
if (!program) throw new Error('set ESPRUINO to its program');

const text = Buffer.from('// What a script looks like, more or less.\nvar value = read("sensor", 12);\n'.repeat(500)).subarray(0, SIZE);
const samples = { 'random bytes': randomBytes(SIZE), text };

const board = await espruinoOnPort(program, { rate: LINE });
try {
  const tree = new BoardTree(async () => BoardConsole.open(await connect({ port: board.path })));
  await tree.list('/');
  const told = (what: string, began: number): void => {
    const rate = (1000 * SIZE) / (performance.now() - began);
    console.log(`${what}: ${Math.round(rate)} bytes/s, ${Math.round((100 * rate) / LINE)} % of the line`);
  };
  for (const [name, content] of Object.entries(samples)) {
    let began = performance.now();
    await tree.write('/file', [content]);
    told(`${name}, to the board`, began);
    began = performance.now();
    const pieces: Uint8Array[] = [];
    for await (const piece of tree.read('/file')) pieces.push(piece);
    told(`${name}, from the board`, began);
    if (!Buffer.concat(pieces).equals(content)) throw new Error('another content came back');
  }
  await tree.close();
} finally {
  await board.close();
}
