import { type Remote, wrap } from 'comlink';
import type { Api } from './worker/main';

/** The worker that has the image. */
export const worker: Remote<Api> = wrap<Api>(new Worker(new URL('./worker/main.ts', import.meta.url), { type: 'module', name: 'image' }));
