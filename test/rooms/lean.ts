/** The small littlefs with a device in RAM. */
export { RAMBlockDev } from '../../modules/blockdev';
export * from '../../modules/lean';
