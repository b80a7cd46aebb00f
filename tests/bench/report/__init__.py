"""The report: docs/performance.md and its pictures, and the figures in README.md, from the measurements.

In tests/bench:

    python -m report [--results DIR] [--out DIR] [--readme PATH] [--check]
"""
