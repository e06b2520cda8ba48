import flash from 'embedded:storage/flash';
import vfs from 'vfs';

vfs.useZephyr(vfs.ecma419(flash, ['vfs']));
const [id, erase] = vfs.FlashArea.areas.vfs;
vfs.mount(new vfs.FlashArea(id, erase), '/', { mkfs: true });

const starts = vfs.open('/starts.txt', 'a');
starts.write(`${new Date()}\n`);
starts.close();
trace(vfs.readFile('/starts.txt', 'utf8'));
