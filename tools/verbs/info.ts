/** What lies in an image, as far as it tells. */
import type { Format } from '../places/formats';
import { isBlank } from '../places/medium';
import { type PlaceOptions, withPlaces } from '../places/open';
import { describeVolume, type Info, tableOf } from './facts';

/** Tells what lies in a place, damaged or not. @throws UsageError if there is no such image */
export function info(place: string, options?: PlaceOptions): Promise<Info> {
  return withPlaces(options, async (places) => {
    const part = places.named(place);
    const { medium, title } = part;
    const told: Info = { place: title, size: medium.size, holds: 'unknown', title: 'nothing that is known', facts: {}, regions: [] };
    // The table of an ESP32 lies in the whole flash, that of a card in whatever is taken for one.
    const table = part.board ? undefined : tableOf(medium, title, part.medium === part.image);
    if (table) return { ...told, ...table };
    let format: Format;
    try {
      format = places.formatOf(part);
    } catch {
      return isBlank(medium) ? { ...told, holds: 'blank', title: 'nothing: it is blank' } : told;
    }
    Object.assign(told, { holds: format.name, title: format.title });
    try {
      return { ...told, ...(await describeVolume(places.volume(part), medium, format)) };
    } catch (error) {
      return { ...told, problem: (error as Error).message };
    }
  });
}
