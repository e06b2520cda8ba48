/** Families of bundles by the names of Espruino's builds, which `process.env.BOARD` has. */
const BUILDS: [RegExp, string][] = [
  [/^(ESP32|CURIO|EPAPER_BADGE)/, 'esp32'],
  [/^ESP8266/, 'esp8266'],
  [/^(RP2|PICO$|PICO_W|PICO2)/, 'rp2'],
  [/^(BANGLEJS3|NRF54)/, 'zephyr'],
  [/^(STM32F4|ESPRUINOWIFI|NUCLEOF4|PICO_R1|PIPBOY$)/, 'stm32'],
  [/^(BANGLEJS2?$|PUCKJS|PIXLJS|MDBT42Q|JOLTJS|MICROBIT2|NRF52|XIAOBLE|THINGY52|RUUVITAG|SMARTIBOT|HEXBADGE|RAK)/, 'nrf52'],
];

/** Which one is a board's; '' where its build does not tell. */
export function familyOf(build: string): string {
  return BUILDS.find(([pattern]) => pattern.test(build))?.[1] ?? '';
}
