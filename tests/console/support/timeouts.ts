/**
 * How long a test waits for what must happen, in milliseconds. It is longer than the slowest machine needs, because only a
 * test that fails waits that long: a time never decides, a count or an order does.
 */
export const WAIT_TIMEOUT_MS = 120_000;

/** The bound on a whole test, which waits several times. */
export const TEST_TIMEOUT_MS = 5 * WAIT_TIMEOUT_MS;
