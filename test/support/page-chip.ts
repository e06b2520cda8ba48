/** An ESP32 behind the port of a page. */
import type { Page } from 'playwright-core';
import { EspChip } from './esp-loader';
import { idle } from './page';
import { type PagePort, serialPort } from './page-port';

export interface PageChip {
  chip: EspChip;
  port: PagePort;
  /** What the page sends waits for it. */
  line: { busy?: Promise<void> };
}

/** The page starts the boot loader, and asks what of the flash is meant. */
export async function connectChip(page: Page, flash: Uint8Array): Promise<PageChip> {
  const line: PageChip['line'] = {};
  const chip = new EspChip(flash, (bytes) => port.say(bytes));
  const port = await serialPort(
    page,
    {
      open: (baud) => chip.open(baud),
      hear: async (bytes) => {
        await line.busy;
        chip.hear(bytes);
      },
      signals: (changed) => chip.signals(changed),
    },
    [0x10c4, 0xea60],
  );
  await page.getByRole('button', { name: 'The flash of an ESP32…' }).click();
  await page.getByRole('dialog').waitFor();
  await idle(page);
  return { chip, port, line };
}
