import { romContents, romSize } from '../dump/romfs';
import { type Medium, piece } from '../places/medium';
import { DATA, DIRECTORY, MapMaker } from './map';

/** Blocks that an image is looked at in: it has none of its own. */
const UNIT = 512;

/** A block where several files lie counts as the first one's. */
export function mapRomfs(medium: Medium): MapMaker {
  const size = Math.min(romSize(medium), medium.size);
  const map = new MapMaker([{ name: 'image', term: 'piece', offset: 0, unit: UNIT, count: Math.ceil(medium.size / UNIT), base: 0 }]);
  const image = piece(medium, 0, size);
  const claim = (at: number, length: number, kind: number, owner: number): void => {
    for (let block = Math.floor(at / UNIT); block * UNIT < at + length; block++) map.claim(block, kind, owner);
  };
  for (const { path, at, length } of romContents(image)) claim(at, length, DATA, map.own(path));
  claim(0, size, DIRECTORY, map.own('/'));
  return map;
}
