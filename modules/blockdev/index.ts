export * from './device';
export { closeDevice, openDevice, readPiece } from './open';
export { RAMBlockDev } from './ram';
