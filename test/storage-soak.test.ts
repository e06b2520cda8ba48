/** A volume in Storage beside a Storage that is in use; `npm run torture -- --only storage-soak` goes on for as long as wanted. */
import { test } from 'uvu';
import { soakStorage } from './torture/soak-storage';

/** `SOAK=10000` for as many as a day of a busy board has. */
const COMPACTIONS = Number(process.env.SOAK) || 150;

test(`${COMPACTIONS} compactions of Storage beside a volume in use lose nothing on either side`, () => soakStorage(1, COMPACTIONS));

test.run();
