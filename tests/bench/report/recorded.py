"""Figures of other runs for comparison with those of imperfect receivers. Not measured by `make bench`.

By case and part: p50 / p99 in ms and the share that arrived within 100 ms, as far as they were recorded.
"""

PREVIOUS = "the previous engine, as recorded with the same cases before the present one was written"
BEFORE = {
    ("perfect", "itself"): "10 / 17, 100 %",
    ("503 1 %", "itself"): "8,487 / 36,482, 10.5 %",
    ("reset 1 %", "itself"): "9,241 / 36,505, 10.6 %",
    ("500 1 %", "itself"): "160 / 1,222, 39.6 %",
    ("500 5 %", "itself"): "686 / 2,176, 3.6 %",
    ("503 5 %", "itself"): "45 % had arrived a minute after the last write",
    ("reset 5 %", "itself"): "17 % had arrived a minute after the last write",
    ("answers after 1 s", "itself"): "841 / 2,011",
    ("answers after 1 s", "beside"): "717 / 1,995",
    ("answers after 3 s", "itself"): "37,526 / 99,235; half not called after 110 s",
    ("answers after 3 s", "beside"): "p90 2,369",
    ("answers after 8 s", "itself"): "10,209 / 97,293",
    ("answers after 8 s", "beside"): "3,243 / 8,108",
}

PEER = (
    "an open-source webhook server with PostgreSQL and Redis on two cores of the same kind, 50 messages a second for "
    "20 s, from the creation of a message to its arrival"
)
OF_PEER = {
    ("perfect", "itself"): "4 / 8",
    ("503 1 %", "itself"): "98.8 % within 100 ms, the others after 5 s",
    ("503 5 %", "itself"): "95.3 % within 100 ms",
    ("answers after 1 s", "beside"): "4–7 / 12–26",
    ("answers after 3 s", "beside"): "4–7 / 12–26",
    ("answers after 8 s", "beside"): "4–7 / 12–26",
    ("hangs", "beside"): "4 / 88; after ten seconds its 500 worker places are used up",
}
