// A request that this engine can never fulfil: the message says what to change.

export class Rejected extends Error {}
