import { readFileSync, writeFileSync } from 'node:fs';
import { type PartitionEntry, partitionTable, TABLE_OFFSET } from './partition-table';
import { UsageError } from './usage';

export interface PartitionsOptions {
  output: string;
  flashSize: number;
}

const KB = 1024;
const SECTOR = 4 * KB;
/** Applications begin at multiples of this. */
const APP_ALIGN = 64 * KB;
/** The table takes up to this, padded as the flashing tools expect it; one entry is the MD5. */
const TABLE_SIZE = 0xc00;
const MOST = TABLE_SIZE / 32 - 1;
/** littlefs wants two blocks. */
const LEAST_VOLUME = 2 * SECTOR;

const TYPES: { [name: string]: number } = { app: 0, data: 1 };
const SUBTYPES: { [name: string]: number }[] = [
  { factory: 0, test: 0x20 },
  { ota: 0, phy: 1, nvs: 2, coredump: 3, nvs_keys: 4, efuse: 5, undefined: 6, fat: 0x81, spiffs: 0x82, littlefs: 0x83 },
];
for (let slot = 0; slot < 16; slot++) SUBTYPES[0][`ota_${slot}`] = 0x10 + slot;
const FLAGS: { [name: string]: number } = { encrypted: 1, readonly: 2 };

/** `4096`, `0x1000`, `4K`, `1M`. */
function number(text: string): number | undefined {
  const match = /^(0x[0-9a-f]+|\d+)([km]?)$/i.exec(text);
  return match ? Number(match[1]) * { '': 1, k: KB, m: KB * KB }[match[2].toLowerCase() as '' | 'k' | 'm'] : undefined;
}

/**
 * The rows of a table as ESP-IDF writes them ("Partition Tables"): name, type, subtype, offset, size, flags. A row without an
 * offset comes behind the one before it. Without a partition `vfs` it gets what is left behind the last.
 * @throws UsageError, with the line
 */
export function parsePartitions(csv: string, flashSize: number): PartitionEntry[] {
  const entries: PartitionEntry[] = [];
  let end = TABLE_OFFSET + SECTOR;
  csv.split(/\r?\n/).forEach((text, index) => {
    const line = text.replace(/#.*/, '').trim();
    if (!line) return;
    const bad = (what: string): UsageError => new UsageError(`line ${index + 1}: ${what}`);
    const [label, typeName = '', subtypeName = '', offsetText = '', sizeText = '', flagText = ''] = line
      .split(',')
      .map((field) => field.trim());
    if (!label || Buffer.byteLength(label, 'latin1') > 16 || /[^\x21-\x7e]/.test(label))
      throw bad(`a name has 1 to 16 characters of ASCII: ${label}`);
    if (entries.some((entry) => entry.label === label)) throw bad(`a second ${label}`);
    const type = TYPES[typeName] ?? number(typeName);
    if (type === undefined || type > 0xfe) throw bad(`unknown type ${typeName}`);
    const subtype = SUBTYPES[type]?.[subtypeName] ?? number(subtypeName);
    if (subtype === undefined || subtype > 0xfe) throw bad(`unknown subtype ${subtypeName}`);
    const align = type === 0 ? APP_ALIGN : SECTOR;
    const offset = offsetText ? number(offsetText) : Math.ceil(end / align) * align;
    const size = number(sizeText);
    if (offset === undefined || offset % align) throw bad(`${label} must begin at a multiple of ${align}`);
    if (!size || size % SECTOR) throw bad(`the size of ${label} must be a multiple of ${SECTOR}`);
    let flags = 0;
    for (const flag of flagText.split(':').filter(Boolean)) {
      if (!FLAGS[flag]) throw bad(`unknown flag ${flag}`);
      flags |= FLAGS[flag];
    }
    if (offset < TABLE_OFFSET + SECTOR) throw bad(`${label} overlaps the boot loader or the table`);
    for (const other of entries)
      if (offset < other.offset + other.size && other.offset < offset + size) throw bad(`${label} overlaps ${other.label}`);
    if (offset + size > flashSize) throw bad(`${label} ends behind the flash chip's ${flashSize} bytes`);
    entries.push({ label, type, subtype, offset, size, flags });
    end = offset + size;
  });
  if (!entries.some((entry) => entry.label === 'vfs')) {
    const offset = Math.max(TABLE_OFFSET + SECTOR, ...entries.map((entry) => entry.offset + entry.size));
    if (flashSize - offset < LEAST_VOLUME) throw new UsageError('there is no partition vfs, and nothing is left for one behind the last');
    entries.push({ label: 'vfs', type: 1, subtype: SUBTYPES[1].littlefs, offset, size: flashSize - offset });
  }
  if (entries.length > MOST) throw new UsageError(`a table has ${MOST} partitions at most`);
  return entries;
}

/** `microvfs partitions`. Prints the table and writes it as it stands in the flash. */
export function partitions(path: string, options: PartitionsOptions): void {
  let csv: string;
  try {
    csv = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read the table: ${(error as Error).message}`);
  }
  const entries = parsePartitions(csv, options.flashSize);
  const table = Buffer.alloc(TABLE_SIZE, 0xff);
  partitionTable(entries).copy(table);
  try {
    writeFileSync(options.output, table);
  } catch (error) {
    throw new UsageError(`cannot write the table: ${(error as Error).message}`);
  }
  for (const { label, type, subtype, offset, size } of entries)
    console.log(
      `${label.padEnd(16)} type ${type}  subtype 0x${subtype.toString(16).padStart(2, '0')}  at 0x${offset.toString(16).padStart(6, '0')}  ${size / KB} kB`,
    );
  console.log(`${options.output}: for 0x${TABLE_OFFSET.toString(16)}`);
}
