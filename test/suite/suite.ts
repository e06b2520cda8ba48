/**
 * The behaviour suite: what a script may rely on, over any file system and inside any engine. Restricted like the
 * modules, so that it compiles to ES5 and runs where they run.
 */

import { fileCases } from './files';
import { mountCases } from './mounts';
import { pathCases } from './paths';
import { type Case, type SuiteEnv, Tester } from './tester';
import { textCases } from './text';
import { treeCases } from './tree';
import { volumeCases } from './volumes';

export type { SuiteEnv } from './tester';

export function allCases(): Case[] {
  return pathCases().concat(treeCases(), fileCases(), textCases(), mountCases(), volumeCases());
}

function unmountAll(env: SuiteEnv): void {
  const list = env.vfs.mount();
  for (let i = list.length - 1; i >= 0; i--) env.vfs.umount(list[i][1], { force: true });
  env.vfs.chdir('/');
}

/** Runs one case over a fresh volume at `/`; throws what the case throws. */
export function runCase(env: SuiteEnv, one: Case): void {
  const t = new Tester(env);
  try {
    one.run(t);
  } catch (error) {
    // Not `finally`: on Espruino it forgets the error if what it calls catches one.
    unmountAll(env);
    throw error;
  }
  unmountAll(env);
}

export interface SuiteResult {
  passed: number;
  failed: number;
  /** `name: message` of each failed case. */
  failures: string[];
}

/** Runs every case, printing those that fail. */
export function suite(env: SuiteEnv): SuiteResult {
  const result: SuiteResult = { passed: 0, failed: 0, failures: [] };
  const list = allCases();
  for (let i = 0; i < list.length; i++) {
    try {
      runCase(env, list[i]);
      result.passed++;
    } catch (error) {
      const text = list[i].name + ': ' + ((error as Error).message || error);
      result.failed++;
      result.failures.push(text);
      env.print('FAIL ' + text);
    }
  }
  return result;
}
