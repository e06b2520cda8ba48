# Espruino's Linux build with the Storage, the variables and the libraries of another of its boards, which LAYOUT names.
# `build.ts` puts this in the place of boards/LINUX.py.
import importlib
import os
import pinutils

KB = 1024
layout = importlib.import_module(os.environ["LAYOUT"])
family = layout.chip["family"]
stm32 = family.startswith("STM32")
esp = family.startswith("ESP")
saved = layout.chip.get("saved_code")
if saved is None:
    # The two last sectors of 128 kB, as build_platform_config.py reckons for these boards.
    saved = {"address": 0x08000000 + (layout.chip["flash"] - 256) * KB, "page_size": 128 * KB, "pages": 2, "flash_available": 0}
saved = dict(saved)
length = saved["page_size"] * saved["pages"]

# Where the flash begins to which `Flash` and Storage belong, and its length.
external = saved["address"] >= 0x60000000
if external:
    start, total = 0x60000000, length
elif esp:
    start, total = 0, 4096 * KB
else:
    start = 0x10000000 if family == "RP2XXX" else 0x08000000 if stm32 else 0
    # Espruino Pico uses the chip's last sector, too.
    total = max(layout.chip["flash"], 512 if stm32 else 0) * KB

# What getFree() lists: facts of each target's jshardware.c, with firmware as large as the releases of 2v29.
free = {
    "ESP32": [(0xE000, 8 * KB), (0x310000, 64 * KB), (0x360000, 640 * KB)],
    "ESP32S3_IDF4": [(0x310000, 64 * KB)],
    "ESP32C3_IDF4": [(0x310000, 64 * KB)],
    "ESP8266_4MB": [(0x200000, 1024 * KB), (0x300000, 256 * KB), (0x340000, 256 * KB), (0x380000, 256 * KB), (0x3C0000, 236 * KB)],
    "RP2040_PICO": [(saved["address"], length)],
    "RP2350_PICO2": [(saved["address"], length)],
    "NRF52840DK": [(0x90000, 0xEC000 - 0x90000)],
    "PICO_R1_3": [(0x08060000, 128 * KB)],
    "ESPRUINOWIFI": [(0x08004000, 48 * KB)],
    "STM32F4DISCOVERY": [(0x08060000, 384 * KB)],
}.get(os.environ["LAYOUT"], [])
binary_end = {"NRF52840DK": 0x90000, "STM32F4DISCOVERY": 0x08050000}.get(os.environ["LAYOUT"], saved["address"] if not external else 0)

# Sectors of the F4, and pages of one size elsewhere.
sectors = [16 * KB] * 4 + [64 * KB] + [128 * KB] * 11 if family == "STM32F4" else []

defines = [
    "LAYOUT_MAPPED=%d" % (not external),
    "LAYOUT_ONLY_STORAGE=%d" % (family == "RP2XXX"),
    "LAYOUT_TELLS_MEMORY=%d" % (not esp),
    "LAYOUT_BINARY_END=%d" % binary_end,
    "LAYOUT_FREE=%s" % "".join("{%d,%d}," % area for area in free),
    "LAYOUT_SECTORS=%s" % "".join("%d," % size for size in sectors),
]
if external:
    defines += ["SPIFLASH_BASE=0x60000000", "SPIFLASH_LENGTH=FLASH_SAVED_CODE_LENGTH"]
told = " ".join(layout.info["build"].get("makefile", []))
for known in ["ESPR_UNICODE_SUPPORT=1", "ESPR_JSVAR_FLASH_BUFFER_SIZE=32", "FLASH_64BITS_ALIGNMENT=1"]:
    if known in told:
        defines.append(known)

info = {
    "name": "Linux with the layout of " + os.environ["LAYOUT"],
    "default_console": "EV_USBSERIAL",
    "variables": layout.info["variables"],
    "binary_name": "espruino",
    "build": {
        "libraries": [name for name in layout.info["build"]["libraries"] if name == "FILESYSTEM"],
        "makefile": ["CFLAGS+=-m32", "LDFLAGS+=-m32", "DEFINES+=-DUSE_CALLFUNCTION_HACK", "LINUX=1"]
        + ["DEFINES+='-D%s'" % define for define in defines],
    },
}
chip = {
    "part": "LINUX",
    "family": "LINUX",
    "package": "",
    "ram": 0,
    "flash": total // KB,
    "flash_start": start,
    "speed": -1,
    "usart": 6,
    "spi": 3,
    "i2c": 3,
    "adc": 0,
    "dac": 0,
    "saved_code": saved,
}
devices = {"USB": {}}


def get_pins():
    return pinutils.generate_pins(0, 32)
