/** What opens the devices of small boards, under the names that the boards have for them. */
import type { BlockDevice } from '../../modules/contract/filesystem';
import * as opening from './device.lazy';

/** The volume in Storage, if its file is the first there. @throws ENODEV without the file; EINVAL for one that is too small */
export const StorageVolume: new () => BlockDevice = opening.openStorage as never;

/** The largest free piece of flash beside Storage, in whole pages. @throws ENODEV where there is none */
export const Flash: new () => BlockDevice = opening.openFree as never;
