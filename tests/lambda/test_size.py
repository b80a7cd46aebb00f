"""The size of each function, and the time of its start. Sizes are checked; times depend on the machine and are only
printed.

A larger binary starts more slowly and is easy to overlook: a dependency's default features are enough.
"""

import time
from statistics import median

import pytest
from emulator import ARCHITECTURE
from figures import FIGURES, FUNCTIONS, committed, size

from conftest import event
from test_answers import call, configure, on

GROWTH = 0.10
STARTS = 5
# Callbacks are read; a batch of four, of which three are delivered to a receiver and written to the log; one wake-up
# without pending deliveries, and one message that is not a wake-up. Of the console, the page.
EVENTS = {"api": call("GET"), "console": call("GET", path="/"), "fanout": event("stream-batch"), "retry": event("sqs-batch")}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_not_grown_by_a_tenth(name):
    figures = committed()[ARCHITECTURE]
    assert name in figures, f"{FIGURES} has no figure of {name} on {ARCHITECTURE}: write it with `make function-sizes`"
    allowed = int(figures[name] * (1 + GROWTH))
    assert size(name) <= allowed, (
        f"{name} has {size(name):,} bytes, a tenth more than the {figures[name]:,} in {FIGURES.name}. If that is what its "
        "new ability is worth, write the figures again with `make function-sizes`"
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_starts(name, start, record, api, receiver):
    configure(api, **dict.fromkeys(["created", "updated", "deleted"], on(receiver.url("/"))))
    inits, firsts, warm = [], [], []
    for _ in range(STARTS):
        with start(name) as function:
            function.wait_until_it_listens()
            firsts.append(milliseconds_of_a_call(function, name))
            inits.append(function.init_ms())
            warm += [milliseconds_of_a_call(function, name) for _ in range(STARTS)]
    # The interface emulator starts the function with the first call.
    first = median(first - init for first, init in zip(firsts, inits, strict=True))
    record(name, size(name), median(inits), first, median(warm))
    if name == "fanout":
        assert len(receiver.requests) == 3 * STARTS * (1 + STARTS), "the calls that were timed did their work"


def milliseconds_of_a_call(function, name):
    begun = time.perf_counter()
    function.invoke(EVENTS[name])
    return (time.perf_counter() - begun) * 1000
