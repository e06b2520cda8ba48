export { flag, optionsOf, whole } from './arguments.lazy';
