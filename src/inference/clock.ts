// The clock of everything that decides by time. Tests pass one that they move by hand.

/** Milliseconds that only grow. The origin means nothing: use differences. */
export type Clock = { now(): number }

export const systemClock: Clock = { now: () => performance.now() }
