/** A failure that has been explained: its message is for a person to read, and no stack trace goes with it. */
export class Stop extends Error {}
