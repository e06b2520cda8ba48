import { createContext, runInContext } from 'node:vm';
import type { NorFlash, SimSdCard } from '../../boards/sim';
import { type Device, type Engine, type EngineHost, INTERRUPTED, type Outcome } from './engine';
import type { HostFolder } from './host-folder';

/** Node itself, as a device: a fresh context with nothing of Node in it. */
export const nodeEngine: Engine = {
  async start(nor: NorFlash, print: (line: string) => void, card?: SimSdCard, folder?: HostFolder, more: EngineHost = {}): Promise<Device> {
    const host = {
      print,
      read(addr: number, length: number): ArrayBuffer {
        const data = new Uint8Array(length);
        nor.read(addr, data);
        return data.buffer;
      },
      program: (addr: number, data: ArrayBuffer) => nor.program(addr, new Uint8Array(data)),
      erase: (addr: number) => nor.erase(addr),
      folder: (request: string) => folder?.ask(request),
      folderRead: (file: number, pos: number, length: number) => folder?.read(file, pos, length),
      folderWrite: (file: number, pos: number, data: ArrayBuffer) => folder?.write(file, pos, data),
      serialTake: (n: number) => new Uint8Array(more.serials?.[n]?.take() ?? []).buffer,
      serialSend: (n: number, data: ArrayBuffer) => more.serials?.[n]?.send(new Uint8Array(data)),
      cardRead: (block: number) => new Uint8Array(card?.peek(block) ?? []).buffer,
      card: (block: number, data: ArrayBuffer) => card?.write(block, new Uint8Array(data)),
    };
    const context = createContext({ __host: host });
    return {
      evaluate(source: string, fileName: string): Outcome {
        try {
          // Nothing can be asked meanwhile. (Who listens to the signal elsewhere in the process does no more, once this was there.)
          const value = runInContext(source, context, { filename: fileName, displayErrors: false, breakOnSigint: !!more.signalled });
          return { ok: true, text: context.__show ? context.__show(value) : '' };
        } catch (error) {
          if ((error as { code?: string } | undefined)?.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED')
            return { ok: false, text: INTERRUPTED };
          return { ok: false, text: ownFrames(context.__describe ? context.__describe(error) : String(error)) };
        }
      },
      close() {},
    };
  },
};

/** Without the frames of Node and this program around the device's own. */
function ownFrames(text: string): string {
  const lines = text.split('\n');
  const outside = lines.findIndex((line) => /^ +at .*(node:|[\\/]microvfs\.js|[\\/]node\.ts)/.test(line));
  return (outside < 0 ? lines : lines.slice(0, outside)).join('\n');
}
