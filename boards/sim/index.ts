/** The board simulator: hardware below the device's own code. */
export { boards } from './all';
export type { BoardFile, SimBoard, SimHardware, SimWiring } from './board';
export { boardWith, descriptionOf, simBoards, simHardware } from './boards';
export { type ChipDescription, chips, insertChip, type SimChip, simChip } from './chips';
export { type NorFile, norFromImage, norImage, openNorFile } from './file';
export { espruinoFlash } from './flash';
export { type FaultKind, type NorCounters, NorFlash, type NorGeometry, type NorOperation, PowerCut } from './nor';
export { NorBlockDev } from './nor-block';
export { type SdCardDescription, SimSdCard } from './sdcard';
export { openSdFile, type SdFile } from './sdcard-file';
export { SimSdSlot } from './sdcard-slot';
export { SimSpiNor, type SpiNorDescription } from './spinor';
export { type SimArea, type SimDisk, simEcmaFlash, simZephyr } from './zephyr';
