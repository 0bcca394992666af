/** Nothing could be compared; the message says why and what to do. */
export class CompareError extends Error {}
