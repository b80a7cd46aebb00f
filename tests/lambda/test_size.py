"""How large each function is, and how long it takes to start. Size is checked; time depends on the machine and is shown.

A binary that grows starts more slowly and is easy to overlook: a dependency's default features are enough.
"""

import time
from statistics import median

import pytest
from emulator import ARCHITECTURE
from figures import FIGURES, FUNCTIONS, committed, size

from conftest import event

GROWTH = 0.10
STARTS = 5
EVENTS = {"config": "api-put-callbacks", "fanout": "stream-batch", "retry": "sqs-batch"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_not_grown_by_a_tenth(name):
    figures = committed()[ARCHITECTURE]
    assert name in figures, f"{FIGURES} has no figure of {name} on {ARCHITECTURE}: write it with `make function-sizes`"
    allowed = int(figures[name] * (1 + GROWTH))
    assert size(name) <= allowed, (
        f"{name} has {size(name):,} bytes, a tenth more than the {figures[name]:,} in {FIGURES.name}. If that is what its "
        "new ability is worth, write the figures anew with `make function-sizes`"
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_starts(name, start, record):
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


def milliseconds_of_a_call(function, name):
    begun = time.perf_counter()
    function.invoke(event(EVENTS[name]))
    return (time.perf_counter() - begun) * 1000
