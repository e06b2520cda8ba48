/** Scripts in the real Espruino. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputOf } from './program';

/** One board: what it keeps in its flash lies in the folder. */
export class Espruino {
  readonly folder = mkdtempSync(join(tmpdir(), 'microvfs-espruino-'));
  private program: string;
  private before: string;

  /** @param before what each script begins with */
  constructor(program: string, before = '') {
    this.program = program;
    this.before = before;
  }

  /** From power-on: gives what is printed. */
  async run(script: string): Promise<string> {
    writeFileSync(join(this.folder, 'test.js'), this.before + script);
    return outputOf(this.program, ['test.js'], { cwd: this.folder, timeout: 120000 });
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Of what was printed, what is behind `@`. */
export function told(output: string): string[] {
  const lines = output.split(/\r?\n/).filter((line) => line.includes('@'));
  return lines.map((line) => line.slice(line.indexOf('@') + 1));
}
