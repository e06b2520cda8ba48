/** What must not be collected. */
export const kept: { own: object | undefined } = { own: undefined };
