export * from './device';
export { closeDevice, extentOf, openDevice, readPiece, refuseRunning } from './open';
export { RAMBlockDev } from './ram';
