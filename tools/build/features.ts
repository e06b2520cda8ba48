/** What a bundle can go without: parts on demand, by their names. Calling one that is left out is ENOSYS. */
import { relative } from 'node:path';
import type { Plugin } from 'rollup';
import { packagePath } from '../dist';

export interface Feature {
  /** For the command line. */
  about: string;
  /** Whether a file below the package's folder, without `.lazy.ts`, belongs to it. */
  part: RegExp;
  /** What its functions give where it is left out, as source: nobody calls them by name, so they are no error. */
  gives?: string;
}

const MKFS = /^modules\/\w+\/(format|mkfs)$/;
const ATTRS = /^modules\/\w+\/attributes$/;
const GC = /^modules\/\w+\/maintenance$/;
const LABELS = /^modules\/\w+\/label$/;
/** What changes a volume, and what mends one before it is changed. */
const CHANGES =
  /^(modules\/(littlefs2|fat)\/(write|directory|relocate|mend|remake|replace|room)|modules\/littlefs1\/(tree|mend)|modules\/exfat\/(dirs|mend)|modules\/vfs\/(replace|change)|boards\/boot\/layout)$/;

export const features: { [name: string]: Feature } = {
  alone: { about: 'volumes that are used by themselves, without mounting them', part: /^modules\/vfs\/alone$/, gives: '' },
  attrs: { about: 'attributes of littlefs 2', part: ATTRS },
  check: { about: 'fsck of FAT and exFAT', part: /^modules\/\w+\/check\/\w+$/ },
  drivers: { about: 'drivers by prefix', part: /^modules\/vfs\/(prefix|driver|driver-file|driver-io)$/ },
  foreign: { about: 'names of formats of other systems, in errors', part: /^modules\/blockdev\/foreign$/, gives: "''" },
  gc: { about: 'gc, grow, shrink and repair of littlefs 2', part: GC },
  engines: { about: 'what engines other than Espruino lack', part: /^modules\/engine\/portable$/ },
  labels: { about: 'labels of exFAT', part: LABELS },
  mkfs: { about: 'formatting, also of what is blank at boot', part: MKFS },
  write: {
    about: 'everything that changes a volume, these included but check',
    part: new RegExp([MKFS, ATTRS, GC, LABELS, CHANGES].map((one) => one.source).join('|')),
  },
};

const ENDING = /\.lazy\.ts$/;
const partOf = (file: string) => relative(packagePath('.'), file).replaceAll('\\', '/').replace(ENDING, '');

/**
 * Leaves parts out: whatever function of theirs is called, it is an error that names the feature and where it is.
 * @param without the features that the bundle at hand goes without
 * @param whereIs the bundle that has a part, nothing if none has
 */
export function leaveOut(without: () => string[], whereIs: (part: string) => string): Plugin {
  return {
    name: 'leave-out',
    // Each bundle goes without other ones.
    shouldTransformCachedModule: ({ id }) => (ENDING.test(id) && Object.values(features).some(({ part }) => part.test(partOf(id)))) || null,
    transform: {
      // Without types.
      order: 'post',
      handler(code, id) {
        const part = ENDING.test(id) ? partOf(id) : '';
        const feature = part && without().find((one) => features[one].part.test(part));
        if (!feature) return null;
        const exported = (this.parse(code).body as Statement[])
          .filter(({ type }) => type === 'ExportNamedDeclaration')
          .flatMap(({ declaration, specifiers = [] }) =>
            declaration?.id ? [declaration.id.name] : specifiers.map((one) => one.exported.name),
          );
        const { gives } = features[feature];
        const error = `leftOut(${JSON.stringify(feature)}, ${JSON.stringify(whereIs(part))})`;
        return {
          code: `import { leftOut } from ${JSON.stringify(packagePath('modules/contract/left-out.ts'))};
function none() { ${gives === undefined ? error : `return ${gives}`}; }
export { ${exported.map((name) => `none as ${name}`).join(', ')} };\n`,
          map: null,
        };
      },
    },
  };
}

interface Statement {
  type: string;
  declaration?: { id?: { name: string } } | null;
  specifiers?: { exported: { name: string } }[];
}
