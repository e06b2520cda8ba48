/**
 * `npx tsx test/espruino/build.ts SOURCE FOLDER [FIRMWARE...]`: Espruino for Linux with the Storage layout, the variables and
 * their size of the boards that the pages are about, each as FOLDER/FIRMWARE. SOURCE is a checkout of Espruino; a copy of it
 * is built. Wants gcc for 32 bit (Debian: gcc-multilib) and python3.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packagePath } from '../../tools/dist';
import { pages } from './pages';

const [source, target, ...wanted] = process.argv.slice(2);
if (!source || !target) {
  console.error('SOURCE and FOLDER');
  process.exit(2);
}
const copy = resolve(target, 'source');

/** Changes a file of the copy, which has to be as this expects it. */
function change(file: string, ...changes: [from: string, to: string][]): void {
  let text = readFileSync(join(copy, file), 'utf8');
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)}`);
    text = text.replace(from, () => to);
  }
  writeFileSync(join(copy, file), text);
}

if (!existsSync(copy)) {
  mkdirSync(target, { recursive: true });
  cpSync(source, copy, { recursive: true, filter: (path) => !/\/(obj|gen|bin)$/.test(path) });
  for (const folder of ['obj', 'gen', 'bin']) mkdirSync(join(copy, folder), { recursive: true });
  change('scripts/build_platform_config.py', ['hex(0x10000000))', 'hex(board.chip["flash_start"]))']);
  // A file's text is where it lies, as on boards whose flash is mapped into memory.
  change('src/jsflash.c', ['#ifdef LINUX\n  // linux fakes flash with a file', '#if 0\n  // linux fakes flash with a file']);
  change('src/jswrap_process.c', [
    '#ifdef ARM\n    extern uint32_t LINKER_END_VAR;',
    `#if LAYOUT_TELLS_MEMORY
    jsvObjectSetIntChild(obj, "flash_start", (JsVarInt)FLASH_START);
    jsvObjectSetIntChild(obj, "flash_binary_end", (JsVarInt)LAYOUT_BINARY_END);
    jsvObjectSetIntChild(obj, "flash_code_start", (JsVarInt)FLASH_SAVED_CODE_START);
#endif
#ifdef ARM\n    extern uint32_t LINKER_END_VAR;`,
  ]);
  const outside = (refuse: string) =>
    `  if (LAYOUT_ONLY_STORAGE && (addr<FLASH_SAVED_CODE_START || addr>=FLASH_SAVED_CODE_START+FLASH_SAVED_CODE_LENGTH)) { ${refuse} }\n`;
  const guard = outside('jsExceptionHere(JSET_ERROR, "outside saved flash"); return;');
  change(
    'targets/linux/jshardware.c',
    [
      '  *startAddr = (uint32_t)(floor(addr / FAKE_FLASH_BLOCKSIZE) * FAKE_FLASH_BLOCKSIZE);',
      `  static const uint32_t sectors[] = { LAYOUT_SECTORS 0 };
  if (sectors[0]) {
    uint32_t at = FLASH_START;
    int i = 0;
    while (addr >= at + sectors[i]) at += sectors[i++];
    *startAddr = at;
    *pageSize = sectors[i];
    return true;
  }
  *startAddr = addr / FAKE_FLASH_BLOCKSIZE * FAKE_FLASH_BLOCKSIZE;`,
    ],
    [
      '  JsVar *jsArea = jsvNewObject();\n  if (!jsArea) return jsFreeFlash;',
      `  static const uint32_t areas[][2] = { LAYOUT_FREE {0,0} };
  for (int i = 0; areas[i][1]; i++) {
    JsVar *area = jsvNewObject();
    jsvObjectSetIntChild(area, "addr", (JsVarInt)areas[i][0]);
    jsvObjectSetIntChild(area, "length", (JsVarInt)areas[i][1]);
    jsvArrayPushAndUnLock(jsFreeFlash, area);
  }
  return jsFreeFlash;
  JsVar *jsArea = jsvNewObject();
  if (!jsArea) return jsFreeFlash;`,
    ],
    ['void jshFlashErasePage(uint32_t addr) {\n', `void jshFlashErasePage(uint32_t addr) {\n${guard}`],
    [
      'void jshFlashWrite(void *buf, uint32_t addr, uint32_t len) {\n',
      `void jshFlashWrite(void *buf, uint32_t addr, uint32_t len) {\n${guard}`,
    ],
    [
      'size_t jshFlashGetMemMapAddress(size_t ptr) {\n  return 0;',
      `#include <sys/mman.h>
#include <fcntl.h>
size_t jshFlashGetMemMapAddress(size_t ptr) {
  static char *base = 0;
  if (!LAYOUT_MAPPED || ptr<FLASH_START || ptr>=FLASH_START+FLASH_TOTAL) return 0;
  if (!base) {
    FILE *f = jshFlashOpenFile(false);
    if (f) fclose(f);
    int fd = open(FAKE_FLASH_FILENAME, O_RDWR);
    base = mmap(0, FLASH_TOTAL, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
  }
  return (size_t)(base + (ptr-FLASH_START));`,
    ],
  );
}
copyFileSync(packagePath('test/espruino/LINUX.py'), join(copy, 'boards/LINUX.py'));
for (const firmware of wanted.length ? wanted : pages().flatMap(({ firmwares }) => firmwares)) {
  const make = (...goals: string[]) =>
    execFileSync('make', goals, {
      cwd: copy,
      env: { ...process.env, LAYOUT: firmware, BOARD: 'LINUX', RELEASE: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  rmSync(join(copy, 'bin/espruino'), { force: true });
  make('clean');
  make();
  copyFileSync(join(copy, 'bin/espruino'), join(target, firmware));
  console.log(firmware);
}
