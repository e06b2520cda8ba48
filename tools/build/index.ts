/** What `rollup.config.js` makes the build of. */

export { boardBundles, testRooms } from '../bundles';
export { customPlan } from './custom';
export { declarations } from './declarations';
export { deviceBundle } from './device';
export { boardEntries, boardList } from './entries';
export { factoryContent } from './factory';
export { lazyParts } from './parts';
export { relativeSources } from './relative';
export { lowerToEs5, stripTypes } from './transform';
