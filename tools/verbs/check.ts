/** Checking volumes, for build scripts; the command tells more, and saves what is damaged into a new volume. */
import type { Finding } from '../../modules/contract/check';
import type { VfsError } from '../../modules/contract/errno';
import type { FormatName } from '../places/formats';
import { type PlaceOptions, type Places, withPlaces } from '../places/open';
import { PlaceError } from '../places/tree';
import { UsageError } from '../usage';

export type { Finding };

export interface FsckOptions extends PlaceOptions {
  /** Repairs what can be repaired; the image is written only if the volume is sound then. Default false. */
  repair?: boolean;
}

export interface Examined {
  place: string;
  format: FormatName;
  findings: Finding[];
  /** Whether nothing worse than `info` was found; after a repair, whether that is so now. */
  sound: boolean;
  repaired: boolean;
}

const isBad = (findings: Finding[]): boolean => findings.some(({ level }) => level !== 'info');

/** What makes a repair count for nothing. */
class NotSound extends Error {}

/**
 * Checks a volume, whatever its format, and repairs it if asked to.
 * @throws UsageError if there is none of a format that is checked; PlaceError if it cannot be looked at
 */
export async function fsck(place: string, options: FsckOptions = {}): Promise<Examined> {
  const found = await withPlaces(options, (places) => look(places, place, false));
  if (found.sound || !options.repair) return found;
  try {
    await withPlaces(options, (places) => {
      look(places, place, true);
      if (!look(places, place, false).sound) throw new NotSound();
    });
    return { ...found, sound: true, repaired: true };
  } catch (error) {
    if (!(error instanceof NotSound)) throw error;
    return found;
  }
}

function look(places: Places, place: string, repair: boolean): Examined {
  const part = places.named(place);
  const format = places.formatOf(part);
  const { check } = format.driver;
  if (!check) throw new UsageError(`${part.title}: ${format.title} is not checked: an image is built anew`);
  try {
    const findings = check(places.device(part, format), { repair });
    return { place: part.title, format: format.name, findings, sound: !isBad(findings), repaired: false };
  } catch (error) {
    const { code, message } = error as VfsError;
    if (!code) throw error;
    throw new PlaceError(code, part.title, message);
  }
}
