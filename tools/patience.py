"""The one place that says how long the tests' clients and helpers wait. No helper gives up before what it watches.

Only a test that fails waits that long: a time never decides, a count or an order does.
"""

import time

from botocore.config import Config

# Seconds; far more than a loaded machine needs.
PATIENCE = 120
# For what is done many times over, such as a run of a fuzzer.
LONG = 10 * PATIENCE

# Of every AWS client of a test. One that is not answered is made once more.
AWS_CLIENT = Config(
    proxies={}, connect_timeout=PATIENCE, read_timeout=PATIENCE, retries={"total_max_attempts": 2},
)


def eventually(what, condition):
    """What `condition` returns once it is true."""
    until = time.monotonic() + PATIENCE
    while True:
        if found := condition():
            return found
        if time.monotonic() > until:
            raise AssertionError(f"waited {PATIENCE} s in vain for {what}")
        time.sleep(0.1)
