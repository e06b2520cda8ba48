/** What `rollup.config.js` makes the build of. */
export { declarations } from './declarations';
export { deviceBundle } from './device';
export { factoryContent } from './factory';
export { lazyParts } from './parts';
export { lowerToEs5, stripTypes } from './transform';
