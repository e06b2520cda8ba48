/** Ports and pins of ECMA-419, for the bundles that drive a card by them. */
export { ecma419Pin, ecma419Spi } from './ecma419-spi.lazy';
