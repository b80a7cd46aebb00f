"""What no built function may carry: a moment of its build, with which the same source would make other bytes each time."""

import re

import pytest
from emulator import built
from figures import FUNCTIONS

# As C's `__DATE__` and `__TIME__` have it. That of 1970 is SOURCE_DATE_EPOCH, in .cargo/config.toml.
DATE = re.compile(rb"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 123]\d (?!1970)\d{4}\b")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_does_not_say_when_it_was_built(name):
    assert DATE.findall(built(FUNCTIONS[name]).read_bytes()) == []
