/** The boards of the package, simulated. */
import type { BoardDescription } from '../boot/types';
import { boards } from './all';
import { type BoardFile, hardwareOf, type SimBoard, type SimHardware, simBoard } from './board';
import { chips } from './chips';
import type { NorFlash } from './nor';
import type { SimSdCard } from './sdcard';

export const simBoards: { [board: string]: SimBoard } = {};
for (const name in boards) simBoards[name] = simBoard(boards[name].sim);

/** The board with another of its chips. @param chip one of `chips` in the board's file; by default its own */
export function boardWith(name: string, chip?: string): SimBoard {
  const wiring = boards[name].sim;
  return chip ? simBoard({ ...wiring, chip: chips[chip as keyof typeof chips] }) : simBoards[name];
}

/** The description in a board's file. */
export function descriptionOf(name: string, file: BoardFile): BoardDescription {
  return (file as unknown as { [name: string]: BoardDescription })[name];
}

/** @param card what is in the slot, which Zephyr has as its disk `SD` */
export function simHardware(board: string, nor: NorFlash, card: SimSdCard | undefined): SimHardware {
  return hardwareOf(simBoards[board], nor, card);
}
