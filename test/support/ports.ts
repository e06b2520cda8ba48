/** Serial ports that a test feeds. */
export { type SimSerial as FedPort, simSerial as port } from '../../boards/sim/serial';
