/** The binding to Kaluma's modules. */
export { useKaluma } from './flash.lazy';
export { kalumaFs } from './fs.lazy';
export { kalumaPin, kalumaSpi } from './spi.lazy';
