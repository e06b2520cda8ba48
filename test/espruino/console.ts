/** The console of Espruino for Linux, typed into as a person does. What the board keeps in its flash lies in a folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleText, storedBundles } from '../../tools/bundle-text';
import { outputOf } from '../support/program';

/** Of a file, in one script: that is in RAM, twice. */
const PIECE = 4000;

export class Console {
  /** What a card holds, too: the firmware's `fs` has the host's files there. */
  readonly folder = mkdtempSync(join(tmpdir(), 'microvfs-console-'));
  private engine: ChildProcess | undefined;
  private said = '';

  constructor(private readonly program: string) {}

  /** Power on: what is said until the first prompt, and by the boot code. */
  async on(): Promise<string> {
    this.said = '';
    const engine = spawn(this.program, [], { cwd: this.folder, stdio: ['pipe', 'pipe', 'ignore'] });
    engine.stdout.setEncoding('latin1').on('data', (text) => {
      this.said += text;
    });
    this.engine = engine;
    await this.until('>');
    return this.said + (await this.type(''));
  }

  /** Types lines; gives what is said until they have run. */
  async type(lines: string): Promise<string> {
    this.said = '';
    this.engine?.stdin?.write(Buffer.from(`${lines}\nprint("@"+"typed");\n`, 'latin1'));
    await this.until('@typed');
    return this.said;
  }

  /** Puts a bundle into Storage, piece by piece, as Espruino's command line does for `--storage`; then the power is on again. */
  async store(board: string, kind = ''): Promise<void> {
    await this.off();
    for (const [name, file] of Object.entries(storedBundles(board, kind))) {
      const text = bundleText(file, 'latin1');
      for (let at = 0; at < text.length; at += PIECE) {
        const piece = `${JSON.stringify(name)},${JSON.stringify(text.slice(at, at + PIECE))},${at},${text.length}`;
        writeFileSync(join(this.folder, 'piece.js'), `require("Storage").write(${piece});print("@written");\n`, 'latin1');
        const said = await outputOf(this.program, ['piece.js'], { cwd: this.folder });
        if (!said.includes('@written')) throw new Error(said.slice(-500));
      }
    }
    await this.on();
  }

  /** The power goes. */
  async off(): Promise<void> {
    const engine = this.engine;
    this.engine = undefined;
    if (!engine) return;
    const gone = new Promise((done) => engine.on('exit', done));
    // It does not hear any other.
    engine.kill('SIGKILL');
    await gone;
  }

  async close(): Promise<void> {
    await this.off();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async until(text: string): Promise<void> {
    for (let i = 0; !this.said.includes(text); i++) {
      if (i === 3000) throw new Error(`no ${text} after 60 s: ${this.said.slice(-500)}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }
}
