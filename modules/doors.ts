/** What the face has and is made when it is first asked for: it costs no more than its name until then. */
import * as behind from './doors.lazy';

/** What was made, by name. */
export const made: { [name: string]: unknown } = {};

/** Gives `face` the properties. A script may put others in their places. */
export function openDoors(face: object): void {
  'fd poll redirect devfs uart stdin stdout stderr'.split(' ').forEach(function (name) {
    Object.defineProperty(face, name, {
      configurable: true,
      enumerable: true,
      get: function () {
        made[name] = made[name] || behind.make(name);
        return made[name];
      },
    });
  });
}
