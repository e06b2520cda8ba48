export * from './device';
export { RAMBlockDev } from './ram';
