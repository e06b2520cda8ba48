// Counts its starts in /starts.json, and logs each.
import * as vfs from 'vfs';
import { appendLine } from './log';

interface Starts {
  count: number;
}

function read(path: string): Starts {
  if (!vfs.exists(path)) return { count: 0 };
  return JSON.parse(vfs.readFile(path, 'utf8')) as Starts;
}

const starts = read('/starts.json');
starts.count++;
vfs.writeFile('/starts.json', JSON.stringify(starts));
const partition = new vfs.Partition('vfs');
appendLine('/log.txt', `start ${starts.count}, ${partition.info()[3]} bytes, ${vfs.statvfs('/')[3]} blocks free`);
vfs.bootOk();
