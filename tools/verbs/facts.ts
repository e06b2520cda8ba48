/** What a medium tells of itself: tables of partitions, and what a volume is like. */
import { le32 } from '../../modules/engine';
import { VfsExFat } from '../../modules/exfat';
import { VfsFat } from '../../modules/fat';
import { VfsLfs1 } from '../../modules/littlefs1';
import { VfsLfs2 } from '../../modules/littlefs2';
import { romSize } from '../dump/romfs';
import { detect, type Format } from '../places/formats';
import { isBlank, type Medium, piece, windowOf } from '../places/medium';
import { espPartitions, ownPartitions } from '../places/partitions';
import { type Usage, walk } from '../places/tree';
import type { VolumeTree } from '../places/volume';

/** A range of the image, and what it is for. Bytes. */
export interface Region {
  name: string;
  offset: number;
  size: number;
  /** What was found there. */
  holds?: string;
}

export interface Info {
  place: string;
  /** Bytes of the place. */
  size: number;
  /** `lfs2`..., `esp32` for the flash of one, `card` for partitions of a card, `blank`, `unknown`. */
  holds: string;
  /** For people: `littlefs 2`. */
  title: string;
  /** Version, geometry, limits, wear: what the format has. Sizes are bytes. */
  facts: { [name: string]: string | number };
  usage?: Usage;
  files?: number;
  directories?: number;
  /** Why a volume that is there cannot be mounted. */
  problem?: string;
  /** Partitions, or what lies where in the volume. */
  regions: Region[];
}

/**
 * The table of partitions that a medium has, of an ESP32's flash or of a card; undefined where there is none.
 * @param whole whether it is all of an image: only that can be an ESP32's flash
 * @throws UsageError if it is damaged
 */
export function tableOf(medium: Medium, title: string, whole = true): Pick<Info, 'holds' | 'title' | 'regions'> | undefined {
  const chip = whole ? espPartitions(medium, title) : undefined;
  if (chip) {
    const regions = chip.map(({ label, offset, size }) => region(medium, label, offset, size));
    return { holds: 'esp32', title: 'flash of an ESP32', regions };
  }
  const card = ownPartitions(medium);
  if (!card.length) return undefined;
  const regions = card.map(({ number, offset, size, kind }) => ({
    ...region(medium, String(number), offset, size),
    ...(kind && { holds: kind }),
  }));
  return { holds: 'card', title: 'a card with partitions', regions };
}

function region(medium: Medium, name: string, offset: number, size: number): Region {
  if (offset + size > medium.size) return { name, offset, size, holds: 'beyond the image' };
  const window = windowOf(medium, offset, size, name);
  const format = detect(window);
  return { name, offset, size, holds: format?.title ?? (isBlank(window) ? 'blank' : '') };
}

/** What a volume that is open tells, as far as it can be read. */
export async function describeVolume(tree: VolumeTree, medium: Medium, format: Format): Promise<Partial<Info> & Facts> {
  const { facts, regions } = factsOf(tree, medium, format);
  const counts = { files: 0, directories: 0 };
  try {
    for await (const { entry } of walk(tree, '/')) counts[entry.kind === 'directory' ? 'directories' : 'files']++;
    return { facts, regions, ...counts, usage: await tree.usage('/') };
  } catch (error) {
    return { facts, regions, problem: (error as Error).message };
  }
}

type Facts = Pick<Info, 'facts' | 'regions'>;

function factsOf({ volume }: VolumeTree, medium: Medium, format: Format): Facts {
  if (volume instanceof VfsLfs2 || volume instanceof VfsLfs1) return littlefs(volume, medium);
  if (volume instanceof VfsFat) return fatFacts(volume, medium, format);
  if (volume instanceof VfsExFat) return exfatFacts(volume);
  return { facts: { 'image bytes': romSize(medium) }, regions: [{ name: 'image', offset: 0, size: romSize(medium) }] };
}

function littlefs(v: VfsLfs2 | VfsLfs1, medium: Medium): Facts {
  const size = v._blockSize;
  const limits: Facts['facts'] =
    v instanceof VfsLfs2 ? { 'longest name': v._nameMax, 'largest file': v._fileMax, 'largest attribute': v._attrMax } : {};
  // Each rewrite of a pair counts its revision up (SPEC.md, "Metadata pairs").
  const revision = Math.max(...[0, 1].map((block) => le32(piece(medium, block * size, 4), 0)));
  return {
    facts: {
      version: `${v instanceof VfsLfs2 ? 2 : 1}.${v._minor}`,
      'block size': size,
      blocks: v._blockCount,
      ...limits,
      'revision of the first pair': revision,
    },
    regions: [
      { name: 'superblock pair', offset: 0, size: 2 * size },
      { name: 'blocks', offset: 2 * size, size: (v._blockCount - 2) * size },
    ],
  };
}

function fatFacts(v: VfsFat, medium: Medium, format: Format): Facts {
  const sector = v._sectorSize;
  const start = v._start * v._dev._blockSize;
  const at = (name: string, first: number, count: number): Region => ({ name, offset: start + first * sector, size: count * sector });
  const wear: Facts['facts'] = format.name === 'wl-fat' ? wearOf(medium) : {};
  const fats = Array.from({ length: v._fats }, (_, i) => at(`FAT ${i + 1}`, v._firstFat + i * v._fatSize, v._fatSize));
  return {
    facts: {
      version: `FAT${v._type}`,
      'sector size': sector,
      'cluster size': v._clusterSize,
      clusters: v._last - 1,
      label: v.label() || 'none',
      'volume number': v.volumeId().toString(16).padStart(8, '0'),
      'entries of the root': v._rootSectors ? (v._rootSectors * sector) / 32 : 'no limit',
      ...wear,
    },
    // Under wear levelling sectors are not where they seem to be.
    regions:
      format.name === 'wl-fat'
        ? []
        : [
            at('reserved', 0, v._firstFat),
            ...fats,
            ...(v._rootSectors ? [at('root directory', v._rootStart, v._rootSectors)] : []),
            at('clusters', v._dataStart, (v._last - 1) * v._perCluster),
          ],
  };
}

/** The state in the last sectors of ESP-IDF's wear levelling: how often the spare sector went through all. */
function wearOf(medium: Medium): Facts['facts'] {
  const config = piece(medium, medium.size - 4096, 32);
  return { 'moves after': `${le32(config, 16)} erases` };
}

function exfatFacts(v: VfsExFat): Facts {
  const sector = v._sectorSize;
  const start = v._start * v._dev._blockSize;
  const at = (name: string, first: number, count: number): Region => ({ name, offset: start + first * sector, size: count * sector });
  return {
    facts: {
      version: '1.0',
      'sector size': sector,
      'cluster size': v._clusterSize,
      clusters: v._last - 1,
      label: v.label() || 'none',
      'volume number': v.volumeId().toString(16).padStart(8, '0'),
    },
    regions: [
      at('boot region', 0, 12),
      at('its copy', 12, 12),
      at('FAT', v._fatStart, v._heap - v._fatStart),
      at('clusters', v._heap, (v._last - 1) * v._perCluster),
    ],
  };
}
