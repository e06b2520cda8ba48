/** Rows of a partition table, as ESP-IDF's `gen_esp32part.py` reads and writes them. */
import type { PartitionEntry } from './partition-entry';
import { TABLE_OFFSET } from './partition-table';
import { UsageError } from './usage';

const KB = 1024;
const SECTOR = 4 * KB;
/** Applications begin at multiples of this. */
const APP_ALIGN = 64 * KB;
/** The table takes up to this, padded as the flashing tools expect it; one entry is the MD5. */
export const TABLE_SIZE = 0xc00;
export const MOST = TABLE_SIZE / 32 - 1;
/** littlefs wants two blocks. */
const LEAST_VOLUME = 2 * SECTOR;

const TYPES: { [name: string]: number } = { app: 0, data: 1 };
const SUBTYPES: { [name: string]: number }[] = [
  { factory: 0, test: 0x20 },
  { ota: 0, phy: 1, nvs: 2, coredump: 3, nvs_keys: 4, efuse: 5, undefined: 6, fat: 0x81, spiffs: 0x82, littlefs: 0x83 },
];
for (let slot = 0; slot < 16; slot++) SUBTYPES[0][`ota_${slot}`] = 0x10 + slot;
/** What an empty subtype of data stands for. */
const UNDEFINED = 6;
/** The state of over-the-air updates: two sectors. */
const OTADATA = 0;
const OTADATA_SIZE = 0x2000;
/** That, and core dumps. */
const ALWAYS_WRITTEN = [OTADATA, 3];
const FLAGS: { [name: string]: number } = { encrypted: 1, readonly: 2 };

/** `4096`, `0x1000`, `4K`, `-1M`. */
function number(text: string): number | undefined {
  const match = /^(-?)(0x[0-9a-f]+|\d+)([km]?)$/i.exec(text);
  if (!match) return undefined;
  const value = Number(match[2]) * { '': 1, k: KB, m: KB * KB }[match[3].toLowerCase() as '' | 'k' | 'm'];
  return match[1] ? -value : value;
}

/**
 * The rows of a table as ESP-IDF writes them ("Partition Tables"): name, type, subtype, offset, size, flags. A row without an
 * offset comes behind the one before it. Without a partition `vfs` it gets what is left behind the last, unless `exact`.
 * @throws UsageError, with the line
 */
export function parsePartitions(csv: string, flashSize: number, exact = false): PartitionEntry[] {
  const entries: PartitionEntry[] = [];
  let end = TABLE_OFFSET + SECTOR;
  csv.split(/\r?\n/).forEach((text, index) => {
    const line = text.replace(/#.*/, '').trim();
    if (!line) return;
    const bad = (what: string): UsageError => new UsageError(`line ${index + 1}: ${what}`);
    const [label, typeName = '', subtypeName = '', offsetText = '', sizeText = '', flagText = ''] = line
      .split(',')
      .map((field) => field.trim());
    if (!label || label.length > 16 || /[^\x21-\x7e]/.test(label)) throw bad(`a name has 1 to 16 characters of ASCII: ${label}`);
    if (entries.some((entry) => entry.label === label)) throw bad(`a second ${label}`);
    const type = TYPES[typeName.toLowerCase()] ?? number(typeName);
    if (type === undefined || type < 0 || type > 0xfe) throw bad(`unknown type ${typeName}`);
    if (!subtypeName && !type) throw bad(`${label}: an application has a subtype, as factory or ota_0`);
    const subtype = subtypeName ? (SUBTYPES[type]?.[subtypeName.toLowerCase()] ?? number(subtypeName)) : UNDEFINED;
    if (subtype === undefined || subtype < 0 || subtype > 0xfe) throw bad(`unknown subtype ${subtypeName}`);
    const align = type === 0 ? APP_ALIGN : SECTOR;
    const offset = offsetText ? number(offsetText) : Math.ceil(end / align) * align;
    const given = number(sizeText);
    // A negative one is where the partition ends.
    const size = given !== undefined && given < 0 && offset !== undefined ? -given - offset : given;
    if (offset === undefined || offset < 0 || offset % align) throw bad(`${label} must begin at a multiple of ${align}`);
    if (!size || size < 0 || size % SECTOR) throw bad(`the size of ${label} must be a multiple of ${SECTOR}`);
    let flags = 0;
    for (const flag of flagText.split(':').filter(Boolean)) {
      if (!FLAGS[flag]) throw bad(`unknown flag ${flag}`);
      flags |= FLAGS[flag];
    }
    if (offset < TABLE_OFFSET + SECTOR) throw bad(`${label} overlaps the boot loader or the table`);
    for (const other of entries)
      if (offset < other.offset + other.size && other.offset < offset + size) throw bad(`${label} overlaps ${other.label}`);
    if (offset + size > flashSize) throw bad(`${label} ends behind the flash chip's ${flashSize} bytes`);
    if (type === 1 && subtype === OTADATA) {
      if (size !== OTADATA_SIZE) throw bad(`${label}: the partition of data, ota has ${OTADATA_SIZE} bytes`);
      if (entries.some((entry) => entry.type === 1 && entry.subtype === OTADATA)) throw bad(`${label}: a second partition of data, ota`);
    }
    if (type === 1 && ALWAYS_WRITTEN.includes(subtype) && flags & FLAGS.readonly) throw bad(`${label} cannot be read-only`);
    entries.push({ label, type, subtype, offset, size, flags });
    end = offset + size;
  });
  if (!exact && !entries.some((entry) => entry.label === 'vfs')) {
    const offset = Math.max(TABLE_OFFSET + SECTOR, ...entries.map((entry) => entry.offset + entry.size));
    if (flashSize - offset < LEAST_VOLUME) throw new UsageError('there is no partition vfs, and nothing is left for one behind the last');
    entries.push({ label: 'vfs', type: 1, subtype: SUBTYPES[1].littlefs, offset, size: flashSize - offset });
  }
  if (entries.length > MOST) throw new UsageError(`a table has ${MOST} partitions at most`);
  return entries;
}

/** The rows of a table, as `gen_esp32part.py` writes them. */
export function partitionRows(entries: PartitionEntry[]): string {
  const nameIn = (names: { [name: string]: number } | undefined, value: number): string =>
    Object.keys(names ?? {}).find((name) => names?.[name] === value) ?? String(value);
  const size = (bytes: number): string =>
    bytes % (KB * KB) === 0 ? `${bytes / KB / KB}M` : bytes % KB === 0 ? `${bytes / KB}K` : `0x${bytes.toString(16)}`;
  const rows = entries.map((one) => {
    const flags = Object.keys(FLAGS).filter((flag) => (one.flags ?? 0) & FLAGS[flag]);
    return [
      one.label,
      nameIn(TYPES, one.type),
      nameIn(SUBTYPES[one.type], one.subtype),
      `0x${one.offset.toString(16)}`,
      size(one.size),
      flags.join(':'),
    ].join(',');
  });
  return ['# ESP-IDF Partition Table', '# Name, Type, SubType, Offset, Size, Flags', ...rows, ''].join('\n');
}
