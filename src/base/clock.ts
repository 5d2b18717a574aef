/** Epoch milliseconds now. Passed down instead of read from `Date`, so that a test can set the time. */
export type Clock = () => number
export const systemClock: Clock = () => Date.now()
/** Wire times are whole seconds. */
export const toSeconds = (ms: number): number => Math.floor(ms / 1000)
