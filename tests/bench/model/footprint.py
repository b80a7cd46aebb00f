"""The usage of one delivery in the Deliveries table (template.yaml, docs/adr/0031), and in the log.

An index has its own throughput quota but is billed like the table: the billed units are not those that a quota limits.
"""

# A delivery item has less than 1 KB unless a response's body is kept: one unit for the table, one for each index that
# has it.
INDICES_OF_DELIVERED = 1  # byInstance
INDICES_OF_PENDING = 3  # byTime and byStatus, too

DELIVERED_BILLED = 1 + INDICES_OF_DELIVERED
APPEND_BILLED = 1 + INDICES_OF_PENDING
# From the backlog to the log: written in its new place, removed from its old one.
MOVE_BILLED = DELIVERED_BILLED + APPEND_BILLED

# A delivery that was handed over is settled when its attempt ends: as above, and its instance is released in the
# endpoint's record. A failed attempt updates its row instead.
RELEASE_WRITES = 1
SETTLE_BILLED = MOVE_BILLED + RELEASE_WRITES
MISSED_BILLED = APPEND_BILLED

DELIVERED_TABLE = 1
APPEND_TABLE = 1
MOVE_TABLE = 2

# A page of the drain is read strongly consistent, four items of 1 KB to a unit.
DRAIN_READ_UNITS = 0.25

# A wake-up is sent, received and deleted; a probe acquires the lease, saves its outcome, and releases the lease.
REQUESTS_PER_WAKE_UP = 3
WRITES_PER_PROBE = 3

# The record of each endpoint with pending deliveries is written before and after the append.
FLAG_WRITES = 2

# Lambda's own lines of an invocation, platform.start and platform.report in JSON: the same for every implementation.
PLATFORM_LOG_BYTES = 500
