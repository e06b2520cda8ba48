/** Lists of steps, shrunk, at whose power cuts something was lost or went wrong once. */
import type { Setup, Step } from './session';

export interface Regression {
  title: string;
  setup: Setup;
  steps: Step[];
}

const setup = (blockSize: number, blockCount: number, progSize: number, options: Setup['options']): Setup => ({
  blockSize,
  blockCount,
  progSize,
  options: { progsize: progSize, mtime: false, ...options },
});

export const REGRESSIONS: Regression[] = [
  {
    title: 'a table scanned again after a torn commit keeps nothing of it',
    setup: setup(256, 40, 16, { readsize: 16, blockCycles: 1 }),
    steps: [
      ['log', '/ggg5', 1, 10, 140],
      ['mkdir', '/gg14'],
      ['rename', '/ggg5', '/gg14/b0'],
      ['log', '/gg14/f13', 22, 10, 45],
      ['setattr', '/gg14/b0', 1, '4b2794545a054acf575f3783'],
      ['rename', '/gg14/b0', '/gg14/ggg19'],
    ],
  },
  {
    title: 'a directory is not moved twice before the thread is told',
    setup: setup(256, 40, 16, { readsize: 16, blockCycles: 1 }),
    steps: [
      ['mkdir', '/d18'],
      ['write', '/d18/f4', 41, 67],
      ['append', '/d18/a18', 99, 26],
      ['mkdir', '/d18/c13'],
      ['truncate', '/d18/a18', 92],
      ['rename', '/d18/c13', '/ddd14'],
      ['write', '/d18/fff18', 11, 252],
      ['mkdir', '/d18/aa18'],
    ],
  },
  {
    title: 'blocks of a directory that is relocated in part are not taken',
    setup: { ...setup(512, 30, 512, { readsize: 32, blockCycles: 1 }), mapped: true },
    steps: [
      ['mkdir', '/bbb2'],
      ['mkdir', '/bbb2/cc17'],
      ['mkdir', '/bbb2/cc17/fffffffffffffffffff9'],
      ['rename', '/bbb2/cc17/fffffffffffffffffff9', '/bbb2/bbb8'],
    ],
  },
  {
    title: 'free blocks are counted right after the superblock expands',
    setup: { ...setup(256, 4, 4, { readsize: 16, blockCycles: 1 }), mapped: true },
    steps: [
      ['write', '/aaa10', 23, 249],
      ['rename', '/aaa10', '/f15'],
      ['rename', '/f15', '/e4'],
      ['mkdir', '/gggggggggggggggggggg8'],
      ['rmdir', '/gggggggggggggggggggg8'],
    ],
  },
  {
    title: 'a directory goes from a pair that is nearly too full to be written again',
    setup: { ...setup(128, 90, 128, { readsize: 16, blockCycles: 5, tables: 0 }), mapped: true },
    steps: [
      ['mkdir', '/ccc7'],
      ['mkdir', '/ccc7/bbbbbbbbbbbbbbbbbbbb4'],
      ['mkdir', '/ccc7/a1'],
      [
        'setattr',
        '/ccc7/bbbbbbbbbbbbbbbbbbbb4',
        3,
        '4afaadd9b04db0e6ba9f519c5f23f8c426702fcb46563b49721ee300d58e9bbd3c459fcf8740c213c6a2efbca10aac4dfe17',
      ],
      ['rename', '/ccc7', '/ddd13'],
      ['rmdir', '/ddd13/a1'],
    ],
  },
  {
    title: 'what open files have not synced stays when another operation finds no room',
    setup: setup(128, 6, 128, { readsize: 32, blockCycles: 1, tables: 256, lookahead: 8 }),
    steps: [
      ['log', '/a12', 38, 39, 167],
      ['open', 2, '/a13', 'a'],
      ['put', 2, -1, 38, 138],
      ['write', '/ee19', 112, 74],
      ['write', '/h15', 55, 124],
      ['sync', 2],
    ],
  },
  {
    title: 'blocks that the disk still names are not taken while the move of a pair is being made known',
    setup: { ...setup(256, 8, 256, { readsize: 16, blockCycles: 1 }), mapped: true },
    steps: [
      ['log', '/ff13', 1, 4, 114],
      ['append', '/ff13', 112, 189],
      ['append', '/ff13', 12, 51],
      ['truncate', '/ff13', 7],
      ['log', '/ff13', 28, 31, 35],
      ['overwrite', '/ff13', 105, 52, 71],
    ],
  },
  {
    title: 'what was programmed is read back rightly at any alignment, on a medium that keeps writes back',
    setup: { ...setup(256, 60, 4, { readsize: 16, blockCycles: 1 }), cached: true },
    steps: [
      ['mkdir', '/ee1'],
      ['mkdir', '/g11'],
      ['mkdir', '/g11/f13'],
      ['write', '/ee1/e9', 29, 72],
      ['remove', '/ee1/e9'],
      ['write', '/g11/f13/gg6', 112, 212],
      ['write', '/gg1', 8, 188],
      ['rename', '/gg1', '/bb12'],
      ['rename', '/bb12', '/ee1/a13'],
    ],
  },
];
