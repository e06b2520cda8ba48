/** Nordic's UART service, the console of a board over Bluetooth. */

/** The service; what the board takes, and what it tells. */
export const SERVICE = '6e400001-b5a3-f393-e0a9-e50e24dcca9e';
export const TO_BOARD = '6e400002-b5a3-f393-e0a9-e50e24dcca9e';
export const FROM_BOARD = '6e400003-b5a3-f393-e0a9-e50e24dcca9e';

/** What a write holds with the least MTU that Bluetooth has, 23. */
export const CHUNK = 20;

/** Silence, in milliseconds, after which the board is asked whether it is there. */
export const PATIENCE = 3000;
