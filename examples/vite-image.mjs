// A plugin of Vite (and Rollup) that makes an image of what was built: plugins: [image({ file: 'www.bin', size: '512K' })]
import { create } from 'microvfs/tools';

export function image({ file, fs = 'lfs2', size = 'auto' }) {
  let folder = 'dist';
  return {
    name: 'microvfs-image',
    configResolved: (config) => {
      folder = config.build.outDir;
    },
    closeBundle: async () => {
      const made = await create(file, { fs, size, from: folder, force: true });
      console.log(`${file}: ${made.files} files, ${made.size} bytes`);
    },
  };
}
