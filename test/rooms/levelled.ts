/** FAT and wear levelling without the rest: JerryScript has 512 kB for the bundle and the volumes together. */
export { WearLevelling } from '../../modules/blockdev/wear-levelling';
export { fat, VfsFat } from '../../modules/fat';
export * from '../../modules/vfs';
