export { fatTime, unixTime } from '../contract/dostime';
