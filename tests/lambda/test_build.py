"""What `.cargo/config.toml` has compilers do: no moment of a build is in a function, and its allocator gives memory back."""

import re
import subprocess

import pytest
from emulator import built
from figures import FUNCTIONS

# As C's `__DATE__` and `__TIME__` have it. That of 1970 is SOURCE_DATE_EPOCH, in .cargo/config.toml.
DATE = re.compile(rb"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 123]\d (?!1970)\d{4}\b")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_does_not_say_when_it_was_built(name):
    assert DATE.findall(built(FUNCTIONS[name]).read_bytes()) == []


@pytest.mark.parametrize("name", ["fanout", "retry"])
def test_the_allocator_of_what_sends_keeps_no_large_objects_and_takes_no_huge_pages(name):
    ended = subprocess.run([built(FUNCTIONS[name])], env={"MIMALLOC_VERBOSE": "1"}, capture_output=True, text=True, timeout=60)
    options = dict(re.findall(r"^option '(\w+)': (.*?) *$", ended.stderr, re.MULTILINE))
    assert (options.get("arena_max_object_size"), options.get("allow_thp")) == ("64 KiB", "0"), ended.stderr
