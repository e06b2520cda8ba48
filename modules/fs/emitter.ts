/** Events of streams, as far as those who listen to Node's streams ask for them. */

export type Listener = (a?: unknown, b?: unknown) => void;

export interface Emitter {
  on(event: string, listener: Listener): Emitter;
  addListener(event: string, listener: Listener): Emitter;
  prependListener(event: string, listener: Listener): Emitter;
  once(event: string, listener: Listener): Emitter;
  off(event: string, listener: Listener): Emitter;
  removeListener(event: string, listener: Listener): Emitter;
  removeAllListeners(event?: string): Emitter;
  listenerCount(event: string): number;
  emit(event: string, a?: unknown, b?: unknown): boolean;
}

interface Row {
  _event: string;
  _listener: Listener;
  _once: boolean;
}

/**
 * Gives an object these methods.
 * @param began is told of each event that somebody begins to listen to
 */
export function makeEmitter(target: Emitter, began: (event: string) => void): void {
  let rows: Row[] = [];
  function listen(event: string, listener: Listener, once: boolean, first: boolean): Emitter {
    const row = { _event: event, _listener: listener, _once: once };
    if (first) rows = [row].concat(rows);
    else rows.push(row);
    began(event);
    return target;
  }
  target.on = target.addListener = function (event, listener) {
    return listen(event, listener, false, false);
  };
  target.prependListener = function (event, listener) {
    return listen(event, listener, false, true);
  };
  target.once = function (event, listener) {
    return listen(event, listener, true, false);
  };
  target.off = target.removeListener = function (event, listener) {
    let gone = false;
    rows = rows.filter(function (row) {
      const stays = gone || row._event !== event || row._listener !== listener;
      gone = gone || !stays;
      return stays;
    });
    return target;
  };
  target.removeAllListeners = function (event) {
    rows = rows.filter(function (row) {
      return event !== undefined && row._event !== event;
    });
    return target;
  };
  target.listenerCount = function (event) {
    return rows.filter(function (row) {
      return row._event === event;
    }).length;
  };
  target.emit = function (event, a, b) {
    const now = rows.filter(function (row) {
      return row._event === event;
    });
    // An error that nobody waits for is one of the program.
    if (!now.length && event === 'error') throw a;
    for (let i = 0; i < now.length; i++) {
      if (now[i]._once) target.off(event, now[i]._listener);
      now[i]._listener.call(target, a, b);
    }
    return now.length > 0;
  };
}
