/** The board simulator: hardware below the device's own code. */
export { type NorFile, norFromImage, norImage, openNorFile } from './file';
export { espruinoFlash } from './flash';
export { type FaultKind, type NorCounters, NorFlash, type NorGeometry, type NorOperation, PowerCut } from './nor';
export { NorBlockDev } from './nor-block';
