/** The command that shows blocks. */
import type { Command } from 'commander';
import { type DumpedBlock, dump } from '../verbs/dump';
import { bytes as bytesOption, type Common, placeOptions, print, printJson, verb, whole } from './common';

const ROW = 16;
/** Of what is explained, so many rows are shown. */
const ROWS = 4;

/** Rows of a range in hexadecimal and as text; one that is like the one before is a star. */
function rows(bytes: Uint8Array, from: number, to: number, base: number): string[] {
  const lines: string[] = [];
  let before = '';
  for (let at = from; at < to; at += ROW) {
    const part = bytes.subarray(at, Math.min(at + ROW, to));
    const hex = Array.from(part, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = Array.from(part, (byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    if (hex === before && at + ROW < to) {
      if (lines[lines.length - 1] !== '*') lines.push('*');
      continue;
    }
    before = hex;
    lines.push(`${(base + at).toString(16).padStart(8, '0')}  ${hex.padEnd(ROW * 3 - 1)}  ${text}`);
  }
  return lines;
}

function printBlock({ number, offset, bytes, what, notes }: DumpedBlock): void {
  print(`block ${number}, at 0x${offset.toString(16)}: ${what}`);
  let done = 0;
  for (const { at, length, text } of [...notes].sort((a, b) => a.at - b.at)) {
    if (at > done) for (const line of rows(bytes, done, at, offset)) print(`  ${line}`);
    print(`  -- ${text}`);
    const shown = rows(bytes, Math.max(at, done), Math.min(at + length, bytes.length), offset);
    for (const line of shown.slice(0, ROWS)) print(`  ${line}`);
    if (shown.length > ROWS) print(`  ... ${length} bytes`);
    done = Math.max(done, at + length);
  }
  if (notes.length && done < bytes.length) print('  --');
  for (const line of rows(bytes, done, bytes.length, offset)) print(`  ${line}`);
}

export function addDumpCommand(program: Command): void {
  verb(
    program,
    'dump <place> [block...]',
    'Show blocks of a littlefs, or sectors, with what the format says of them: tags of a metadata pair, directory entries, entries of a FAT.',
    { data: true },
    ['dump image.bin', 'dump chip.bin#vfs 0 1 17', 'dump card.img#1 32'],
  )
    .option('--block-size <bytes>', 'bytes in a block (default: what the volume says)', bytesOption)
    .action(async (place: string, blocks: string[], options: Common & { blockSize?: number }) => {
      const numbers = blocks.map(whole);
      const shown = await dump(place, {
        ...placeOptions(options),
        ...(options.blockSize !== undefined && { blockSize: options.blockSize }),
        ...(numbers.length && { blocks: numbers }),
      });
      if (options.json) return printJson(shown.map((block) => ({ ...block, bytes: Buffer.from(block.bytes).toString('hex') })));
      for (const block of shown) printBlock(block);
    });
}
