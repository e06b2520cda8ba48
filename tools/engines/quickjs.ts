import { getQuickJS, type QuickJSContext, type QuickJSHandle } from 'quickjs-emscripten';
import type { NorFlash, SimSdCard } from '../../boards/sim';
import { type Device, type Engine, type EngineHost, INTERRUPTED, type Outcome, type SerialEnd } from './engine';
import type { HostFolder } from './host-folder';

/**
 * A frame of a script takes some 180 bytes of the stack that QuickJS counts, and much more of that of WebAssembly, which must never come
 * to its end: the engine does not survive that.
 */
const STACK = 128 * 1024;
/** More than a board has; what asks for more gets an error. */
const MEMORY = 64 * 1024 * 1024;

/** QuickJS compiled to WebAssembly, from npm. */
export const quickjsEngine: Engine = {
  async start(nor: NorFlash, print: (line: string) => void, card?: SimSdCard, folder?: HostFolder, more: EngineHost = {}): Promise<Device> {
    const vm = (await getQuickJS()).newContext();
    vm.runtime.setMaxStackSize(more.stack ?? STACK);
    vm.runtime.setMemoryLimit(MEMORY);
    if (more.interrupted) vm.runtime.setInterruptHandler(more.interrupted);
    provideHost(vm, nor, print, card, folder, more.serials ?? []);

    const textOf = (name: string, value: QuickJSHandle): string | undefined => {
      const fn = vm.getProp(vm.global, name);
      try {
        if (vm.typeof(fn) !== 'function') return undefined;
        const result = vm.callFunction(fn, vm.undefined, value);
        if (result.error) {
          result.error.dispose();
          return undefined;
        }
        const text = vm.getString(result.value);
        result.value.dispose();
        return text;
      } finally {
        fn.dispose();
      }
    };

    return {
      evaluate(source: string, fileName: string): Outcome {
        const result = vm.evalCode(source, fileName, { type: 'global' });
        const handle = result.error ?? result.value;
        const text = textOf(result.error ? '__describe' : '__show', handle) ?? (result.error ? JSON.stringify(vm.dump(handle)) : '');
        handle.dispose();
        vm.runtime.executePendingJobs();
        if (result.error && more.interrupted?.()) return { ok: false, text: INTERRUPTED };
        return { ok: !result.error, text: text.replace(/\s+$/, '') };
      },
      close() {
        vm.dispose();
      },
    };
  },
};

function provideHost(
  vm: QuickJSContext,
  nor: NorFlash,
  print: (line: string) => void,
  card: SimSdCard | undefined,
  folder: HostFolder | undefined,
  serials: (SerialEnd | undefined)[],
): void {
  const host = vm.newObject();
  const provide = (name: string, fn: (...args: QuickJSHandle[]) => QuickJSHandle) => {
    const handle = vm.newFunction(name, fn);
    vm.setProp(host, name, handle);
    handle.dispose();
  };
  provide('print', (line) => {
    print(vm.getString(line));
    return vm.undefined;
  });
  provide('read', (addr, length) => {
    const data = new Uint8Array(vm.getNumber(length));
    nor.read(vm.getNumber(addr), data);
    return vm.newArrayBuffer(data.buffer);
  });
  provide('program', (addr, data) => {
    const bytes = vm.getArrayBuffer(data);
    const status = nor.program(vm.getNumber(addr), bytes.value);
    bytes.dispose();
    return vm.newNumber(status);
  });
  provide('cardRead', (block) => vm.newArrayBuffer(new Uint8Array(card?.peek(vm.getNumber(block)) ?? []).buffer));
  provide('card', (block, data) => {
    const bytes = vm.getArrayBuffer(data);
    card?.write(vm.getNumber(block), bytes.value);
    bytes.dispose();
    return vm.undefined;
  });
  provide('serialTake', (n) => vm.newArrayBuffer(new Uint8Array(serials[vm.getNumber(n)]?.take() ?? []).buffer));
  provide('serialSend', (n, data) => {
    const bytes = vm.getArrayBuffer(data);
    serials[vm.getNumber(n)]?.send(new Uint8Array(bytes.value));
    bytes.dispose();
    return vm.undefined;
  });
  if (folder) {
    provide('folder', (request) => vm.newString(folder.ask(vm.getString(request))));
    provide('folderRead', (file, pos, length) => {
      const data = folder.read(vm.getNumber(file), vm.getNumber(pos), vm.getNumber(length));
      return typeof data === 'number' ? vm.newNumber(data) : vm.newArrayBuffer(data);
    });
    provide('folderWrite', (file, pos, data) => {
      const bytes = vm.getArrayBuffer(data);
      const status = folder.write(vm.getNumber(file), vm.getNumber(pos), new Uint8Array(bytes.value).buffer);
      bytes.dispose();
      return vm.newNumber(status);
    });
  }
  provide('erase', (addr) => vm.newNumber(nor.erase(vm.getNumber(addr))));
  vm.setProp(vm.global, '__host', host);
  host.dispose();
}
