/**
 * Time limit of a wait, in milliseconds. It exceeds what the slowest machine needs, because only a failing test waits
 * that long: tests assert counts and orders, not times.
 */
export const WAIT_TIMEOUT_MS = 120_000;

/** Time limit of a whole test, which waits several times. */
export const TEST_TIMEOUT_MS = 5 * WAIT_TIMEOUT_MS;
