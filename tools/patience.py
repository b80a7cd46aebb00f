"""The one place for the time limits of the tests' clients and helpers. No helper gives up before the program it
watches.

Only a failing test waits that long: no assertion depends on a time, only on counts and orders.
"""

import time

from botocore.config import Config

# In seconds; far more than a busy machine needs.
PATIENCE = 120
# For long work, such as a run of a fuzzer.
LONG = 10 * PATIENCE

# For every AWS client of a test. A call without a response is repeated once.
AWS_CLIENT = Config(
    proxies={}, connect_timeout=PATIENCE, read_timeout=PATIENCE, retries={"total_max_attempts": 2},
)


def eventually(what, condition):
    """Waits until `condition` is true; returns its value."""
    until = time.monotonic() + PATIENCE
    while True:
        if found := condition():
            return found
        if time.monotonic() > until:
            raise AssertionError(f"waited {PATIENCE} s in vain for {what}")
        time.sleep(0.1)
