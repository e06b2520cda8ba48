import type { VfsError } from '../../modules/contract/errno';

/** The code of the error that `run` ends in, else `nothing`. */
export function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as VfsError).code || String(error);
  }
  return 'nothing';
}
