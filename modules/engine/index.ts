export { be32, copy, equal, fill, le32, putLe32 } from './bytes';
export { now } from './clock';
export { crc32 } from './crc32';
export { isEspruino } from './native';
export { byteText, decodeText, encodeText } from './text';
