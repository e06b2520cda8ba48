/** Cards that come and go while the board runs: by the slot's switch, or by asking. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CardWiring } from '../boards/boot/types';
import { SDCard } from '../boards/devices/sdcard';
import * as esp32 from '../boards/esp32';
import { SimSdCard, SimSdSlot } from '../boards/sim';
import { VfsFat } from '../modules/fat';
import { chdir, exists, getcwd, listdir, mount, open, readFile, umount, writeFile } from '../modules/vfs';
import { chipWith, rows, tableImage } from './esp32-chip';
import { code as codeOf } from './support/code';
import { busyFor, duration } from './support/sdcard';

const shared = globalThis as Record<string, unknown>;
const timers = { setWatch: shared.setWatch, setInterval: shared.setInterval };
let looks: (() => void)[] = [];
let options: unknown[] = [];
let said: string[] = [];

function formatted(label: string): SimSdCard {
  const card = new SimSdCard({ type: 'SDHC', blocks: 8192 });
  const slot = new SimSdSlot(card);
  const sd = new SDCard(slot.spi, slot.cs);
  VfsFat.mkfs(sd);
  mount(new VfsFat(sd), '/format');
  writeFile('/format/name', label);
  umount('/format');
  // As it comes out of a pocket.
  card.powerOff();
  return card;
}

interface Rig {
  slot: SimSdSlot;
  /** What the interrupt or the timer does. */
  look(): void;
  state(): string;
}

function boot(card: SimSdCard | undefined, wiring: (slot: SimSdSlot) => Partial<CardWiring>): Rig {
  const slot = new SimSdSlot(card);
  looks = [];
  options = [];
  said = [];
  shared.setWatch = (run: () => void, _pin: unknown, given: unknown) => {
    looks.push(run);
    options.push(given);
  };
  shared.setInterval = (run: () => void, ms: number) => {
    looks.push(run);
    options.push(ms);
  };
  chipWith(tableImage(rows));
  const log = console.log;
  console.log = () => {};
  try {
    esp32.boot({
      sd: {
        spi: slot.spi,
        cs: slot.cs,
        onCard: (point, mounted, error) => said.push(`${point} ${mounted}${error ? ` ${(error as { code: string }).code}` : ''}`),
        ...wiring(slot),
      },
    });
  } finally {
    console.log = log;
    Object.assign(shared, timers);
  }
  assert.is(looks.length, 1);
  return {
    slot,
    look: () => looks[0](),
    state: () => (exists('/sd/name') ? (readFile('/sd/name', 'utf8') as string) : mount().some(([, point]) => point === '/sd') ? '?' : ''),
  };
}

const bySwitch = (slot: SimSdSlot) => ({ detect: { read: () => !slot.card } });
const byPoll = () => ({ poll: 1000 });

test.after.each(() => {
  for (const [, point] of mount()) umount(point, { force: true });
});

for (const [how, wiring] of Object.entries({ 'by the switch': bySwitch, 'by asking': byPoll })) {
  test(`${how}: a card that is put in is mounted, one that is taken out goes, another comes`, () => {
    const one = formatted('one');
    const { slot, look, state } = boot(undefined, wiring);
    assert.is(state(), '');
    look();
    assert.is(state(), '');
    slot.insert(one);
    look();
    assert.is(state(), 'one');
    look();
    slot.remove();
    look();
    assert.is(state(), '');
    slot.insert(formatted('two'));
    look();
    assert.is(state(), 'two');
    assert.equal(one.violations, []);
    // Exchanged between two looks: it is asked for its status as if it were the other.
    slot.insert(one);
    look();
    look();
    assert.is(state(), 'one');
    writeFile('/sd/new', 'written');
    assert.equal(listdir('/sd').sort(), ['name', 'new']);
    assert.equal(said, ['/sd true', '/sd false', '/sd true', '/sd false', '/sd true']);
  });

  test(`${how}: files of a card that was taken out are ENODEV, then EBADF, and nothing reaches the next card`, () => {
    const two = formatted('two');
    const { slot, look, state } = boot(formatted('one'), wiring);
    assert.is(state(), 'one');
    chdir('/sd');
    const file = open('/sd/log', 'w');
    file.write('x'.repeat(3000));
    slot.remove();
    assert.is(
      codeOf(() => {
        file.write('y'.repeat(3000));
        file.flush();
      }),
      'ENODEV',
    );
    const before = new Map(two.usedBlocks().map((block) => [block, two.peek(block)]));
    slot.insert(two);
    look();
    assert.is(
      codeOf(() => file.write('z')),
      'EBADF',
    );
    assert.is(getcwd(), '/');
    look();
    assert.is(state(), 'two');
    assert.equal(listdir('/sd'), ['name']);
    for (const [block, data] of before) assert.equal(two.peek(block), data);
  });

  test(`${how}: one that cannot be mounted is told once, and the next one is mounted`, () => {
    const { slot, look, state } = boot(new SimSdCard({ type: 'SDHC', blocks: 8192 }), wiring);
    look();
    look();
    assert.equal(said, ['/sd false ENODEV']);
    slot.remove();
    look();
    slot.insert(formatted('good'));
    look();
    assert.is(state(), 'good');
    assert.equal(said.slice(-1), ['/sd true']);
  });

  test(`${how}: a card that a script has unmounted stays so until it was out`, () => {
    const { slot, look, state } = boot(formatted('one'), wiring);
    umount('/sd');
    look();
    assert.is(state(), '');
    slot.remove();
    look();
    slot.insert(formatted('two'));
    look();
    assert.is(state(), 'two');
  });
}

test('a look while the card is at work changes nothing', () => {
  let waits = 0;
  const { slot, look, state } = boot(formatted('one'), () => ({
    poll: 1000,
    onWait: () => {
      waits++;
      looks[0]();
    },
  }));
  busyFor(slot, slot.card as SimSdCard, 50, 'block');
  writeFile('/sd/name', 'written');
  assert.ok(waits > 0);
  look();
  assert.is(state(), 'written');
  assert.equal(said, ['/sd true']);
});

test('the switch is watched at both edges, and pulled up where it closes to ground', () => {
  const modes: string[] = [];
  boot(undefined, (slot) => ({ detect: { read: () => !slot.card, mode: (mode: string) => modes.push(mode) } }));
  assert.equal([modes, options], [['input_pullup'], [{ repeat: true, edge: 'both', debounce: 50 }]]);
  const { look, slot, state } = boot(undefined, (one) => ({ inserted: true, detect: { read: () => !!one.card } }));
  slot.insert(formatted('high'));
  look();
  assert.is(state(), 'high');
});

test('an empty slot costs a look less than a fifth of a second, a mounted card less than 2 ms', () => {
  const { slot, look } = boot(undefined, byPoll);
  const empty = duration(look);
  slot.insert(formatted('one'));
  look();
  const there = duration(look);
  console.log(`NOTE: an empty slot ${empty.toFixed(1)} ms, a card ${there.toFixed(2)} ms`);
  assert.ok(empty < 200 && there < 2, `${empty} ms, ${there} ms`);
});

test('wrong wirings are refused by name', () => {
  for (const [wrong, name] of [
    [{ detect: 5 }, 'detect'],
    [{ poll: 0.5 }, 'poll'],
    [{ poll: 10, onCard: 5 }, 'onCard'],
  ] as [object, string][])
    assert.throws(
      () => boot(undefined, () => wrong),
      (error: Error) => error instanceof TypeError && error.message.includes(name),
    );
});

test.run();
