/** Something the person can put right: one plain line, status 2, nothing written. */
export class Problem extends Error {}
