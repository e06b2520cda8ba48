export * from './device';
export { closeDevice, extentOf, openDevice, readPiece, refuseRunning, takesOffsets } from './open';
export { RAMBlockDev } from './ram';
