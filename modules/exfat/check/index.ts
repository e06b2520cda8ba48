import * as checking from './check.lazy';

export type { ExFatFinding, ExFatFindingCode, ExFatFindingLevel, ExFatFsckOptions } from './state';

export const fsckExFat = checking.fsckExFat;
