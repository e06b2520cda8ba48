/** A button and LEDs as Espruino has them, in the engine's own time. Written like device code, for the small engines. */

/** Espruino's pins, as far as scripts use them on buttons and LEDs. */
export interface SimPin {
  read(): boolean;
  write(on: boolean | number): void;
  set(): void;
  reset(): void;
}

/** Is down for so many milliseconds from when it is first looked at: at power-on, by booting. */
export function simButton(holdMs: number): SimPin {
  let from = -1;
  return pin(function (): boolean {
    if (from < 0) from = Date.now();
    return Date.now() - from < holdMs;
  }, nothing);
}

/** Prints each change: `LED1 on`. */
export function simLed(name: string, print: (line: string) => void): SimPin {
  let lit = false;
  return pin(
    function (): boolean {
      return lit;
    },
    function (on: boolean): void {
      if (on !== lit) print(name + (on ? ' on' : ' off'));
      lit = on;
    },
  );
}

function nothing(): void {}

function pin(read: () => boolean, write: (on: boolean) => void): SimPin {
  return {
    read: read,
    write: function (on: boolean | number): void {
      write(!!on);
    },
    set: function (): void {
      write(true);
    },
    reset: function (): void {
      write(false);
    },
  };
}
