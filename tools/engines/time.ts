/**
 * The clock of a simulated board, and the timers of its firmware. Runs inside the engines: ES5. Whoever owns the engine asks how long
 * there is nothing to do, waits so long, and lets the timer run.
 */

/** What `wait` gives when no timer is set, and when the next one is due behind the end. */
export const IDLE = -1;
export const OVER = -2;

/** What timers of hosts take, in milliseconds, some 24 days; what is more comes at once. */
export const LONGEST = 0x7fffffff;

const LATE = 1000;

interface Timer {
  id: number;
  due: number;
  /** Between two runs of an interval, -1 for a timeout. */
  every: number;
  run: (...args: unknown[]) => unknown;
  args: unknown[];
  /** The board is idle though it waits for this one. */
  idle: boolean;
}

/** What `setTimeout` gives: a number where one is wanted, and not one that Node keeps waiting for if it was told so. */
export interface TimerHandle {
  unref(): TimerHandle;
  valueOf(): number;
}

export interface SimTime {
  /** Milliseconds since 1970 as the board sees them. */
  now(): number;
  /** The board has booted: from now on the clock goes on by itself. */
  go(): void;
  setTimeout(run: unknown, ms: unknown): TimerHandle;
  setInterval(run: unknown, ms: unknown): TimerHandle;
  /** Without an argument all, as on Espruino. */
  clear(id?: unknown): void;
  /** Milliseconds of the host until the next timer is due, at most `LONGEST`; `IDLE`, `OVER`. @param all also if nobody waits for those that are left */
  wait(all: boolean): number;
  /** Runs the first of the timers that are due. */
  run(): void;
}

interface Clock {
  /** With fractions. */
  exact(): number;
  now(): number;
  go(): void;
}

function clockOf(real: () => number, speed: number, stepped: boolean): Clock {
  let start = real();
  let base = start;
  let going = !stepped;
  let steps = 0;

  function exact(): number {
    return going ? base + (real() - start) * speed : base + steps;
  }

  return {
    exact: exact,
    now: function (): number {
      if (!going) steps++;
      return Math.floor(exact());
    },
    go: function (): void {
      base = exact();
      start = real();
      going = true;
    },
  };
}

/**
 * @param real the engine's own clock
 * @param speed how much faster than that the board's goes
 * @param end so many milliseconds after `go` no timer runs any more; 0 for no end
 * @param stepped until `go` each look at the clock is a millisecond later than the one before: what is done by the clock then is the
 *   same on every computer
 */
export function simTime(real: () => number, speed: number, end: number, stepped: boolean): SimTime {
  const clock = clockOf(real, speed, stepped);
  let last = 0;
  let timers: Timer[] = [];
  let over = Infinity;

  function add(run: unknown, ms: unknown, repeats: boolean, given: IArguments): TimerHandle {
    if (typeof run !== 'function') throw new TypeError('a timer takes a function');
    const delay = Math.max(repeats ? 1 : 0, +(ms as number) || 0);
    const args: unknown[] = [];
    for (let i = 2; i < given.length; i++) args.push(given[i]);
    const id = ++last;
    const due = clock.exact() + delay;
    const timer: Timer = { id: id, due: due, every: repeats ? delay : -1, run: run as () => void, args: args, idle: false };
    timers.push(timer);
    return handleOf(timer);
  }

  function clear(id?: unknown): void {
    const all = !arguments.length;
    const gone = +(id as number);
    timers = timers.filter(function (timer) {
      return !all && timer.id !== gone;
    });
  }

  return {
    now: clock.now,
    go: function (): void {
      clock.go();
      if (end) over = clock.exact() + end;
    },
    setTimeout: function (run: unknown, ms: unknown): TimerHandle {
      return add(run, ms, false, arguments);
    },
    setInterval: function (run: unknown, ms: unknown): TimerHandle {
      return add(run, ms, true, arguments);
    },
    clear: clear,
    wait: function (all: boolean): number {
      const next = firstOf(timers);
      if (!next || (!all && areIdle(timers))) return IDLE;
      if (next.due > over) return OVER;
      return Math.min(LONGEST, Math.max(0, Math.ceil((next.due - clock.exact()) / speed)));
    },
    run: function (): void {
      const timer = firstOf(timers);
      const now = clock.exact();
      if (!timer || timer.due > now) return;
      if (timer.every < 0) clear(timer.id);
      else {
        // What the host was late for is made up for, but not what takes longer than its interval: others come to run as well.
        timer.due += timer.every;
        if (timer.due < Math.floor(now) - LATE * speed) timer.due = Math.floor(now);
      }
      timer.run.apply(undefined, timer.args);
    },
  };
}

/** Of those that are due at the same time, the one that was set first. */
function firstOf(timers: Timer[]): Timer | undefined {
  let found: Timer | undefined;
  for (let i = 0; i < timers.length; i++) if (!found || timers[i].due < found.due) found = timers[i];
  return found;
}

function areIdle(timers: Timer[]): boolean {
  for (let i = 0; i < timers.length; i++) if (!timers[i].idle) return false;
  return true;
}

function handleOf(timer: Timer): TimerHandle {
  const handle: TimerHandle = {
    unref: function (): TimerHandle {
      timer.idle = true;
      return handle;
    },
    valueOf: function (): number {
      return timer.id;
    },
  };
  return handle;
}

/** `Date` over another clock, for engines that have more of it than `Date.now`. */
export function simDate(real: DateConstructor, now: () => number): unknown {
  function Made(this: unknown, a: number, b: number, c: number, d: number, e: number, f: number, g: number): unknown {
    const n = arguments.length;
    if (!(this instanceof Made)) return String(new real(now()));
    if (!n) return new real(now());
    if (n === 1) return new real(a);
    return new real(a, b, n > 2 ? c : 1, d || 0, e || 0, f || 0, g || 0);
  }
  Made.prototype = real.prototype;
  Made.now = now;
  Made.parse = real.parse;
  Made.UTC = real.UTC;
  return Made;
}
