"""The simulation's input from measurements."""

from dataclasses import dataclass

OURS = "instance-webhooks"


@dataclass(frozen=True)
class Calibration:
    """Times with a whole processor and receivers and tables nearby; `workload.py` has the latencies that AWS adds."""

    fanout_base_ms: float
    cpu_ms_per_delivery: float
    cold_ms: float
    append_per_s: float
    drain_per_s: float

    @classmethod
    def from_results(cls, results):
        """Reads the bench's results; a KeyError names the missing part."""
        one = _row(results, "fanout", implementation=OURS, records=1, urls=1)
        many = max(_rows(results, "fanout", implementation=OURS), key=lambda row: row["records"])
        cold = _row(results, "cold", function="fanout")
        backlog = _key(results, "backlog", "results")
        return cls(
            fanout_base_ms=_key(one, "batch_ms", "fanout 1 x 1"),
            cpu_ms_per_delivery=_key(many, "cpu_s_per_1000", "the largest batch of fanout"),  # s per 1,000 is ms per one
            cold_ms=_key(cold, "init_ms", "cold fanout"),
            append_per_s=_key(backlog, "append_per_s", "backlog"),
            drain_per_s=_key(backlog, "drain_per_s", "backlog"),
        )


def _key(mapping, key, where):
    if key not in mapping:
        raise KeyError(f"{where} has no key '{key}'")
    return mapping[key]


def _row(results, key, **wanted):
    return _rows(results, key, **wanted)[0]


def _rows(results, key, **wanted):
    rows = [row for row in _key(results, key, "results") if wanted.items() <= row.items()]
    if not rows:
        asked = ", ".join(f"{name}={value!r}" for name, value in wanted.items())
        raise KeyError(f"results['{key}'] has no row with {asked}")
    return rows
