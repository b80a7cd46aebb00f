"""A file for each section. `section(results)` returns its title, then text and pictures in the order of the page."""

from . import (
    backlog, billed, cold, descriptors, fanout, growth, imperfect, isolation, latency, memory, money, simulation,
)

SECTIONS = [it.section for it in (
    fanout, descriptors, cold, memory, growth, billed, isolation, backlog, latency, imperfect, money, simulation,
)]
