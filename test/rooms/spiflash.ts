/** External flash on SPI with the simulated chip, and littlefs 2 for it. */
export { SpiFlash } from '../../boards/devices/spiflash';
export { NorFlash } from '../../boards/sim/nor';
export { SimSpiNor } from '../../boards/sim/spinor';
export { littlefs2, VfsLfs2 } from '../../modules/littlefs2';
export * from '../../modules/vfs';
