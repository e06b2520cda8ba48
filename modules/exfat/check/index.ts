import { exfat } from '../vfsexfat';
import * as checking from './check.lazy';

export type { ExFatFinding, ExFatFindingCode, ExFatFsckOptions } from './state';

export const fsckExFat = checking.fsckExFat;

exfat.check = fsckExFat;
