"""The measurements, as rows whose errors name the file and the missing part."""

import json

MEASURED = ("fanout", "descriptors", "cold", "memory", "growth", "billed", "isolation", "backlog", "latency",
            "imperfect")
OTHER = ("machine", "money", "simulation")

OURS, LOGGED, NODE, PYTHON = "instance-webhooks", "instance-webhooks-log", "node", "python"
# Without the log, for endpoints that have conditions and secret headers.
WITH_SETTINGS = "instance-webhooks-settings"
REQWEST, HYPER = "reqwest", "hyper"
# The loop with as many requests in flight as ours may have, and the loop with headers like ours.
MOST_IN_FLIGHT, WITH_HEADERS = "reqwest-most", "reqwest-headers"
# The least that a function of this stack does for the same batch.
FLOOR = "floor"


class Unusable(Exception):
    """Error for results that cannot be reported; the message names file and key."""


class Row(dict):
    """An object with its source for error messages."""

    def __init__(self, where, values):
        super().__init__(values)
        self.where = where

    def __missing__(self, key):
        raise Unusable(f"{self.where} has no '{key}'")


class Results:
    def __init__(self, files, sizes):
        """Creates the results. `files` are the parsed JSON files by name, without `.json`; `sizes` are the binaries'
        (see sizes.py)."""
        self.files, self.sizes = files, sizes

    @classmethod
    def load(cls, folder, sizes):
        return cls({name: _read(folder / f"{name}.json") for name in MEASURED + OTHER}, sizes)

    def object(self, name):
        """Returns a file that holds one object."""
        return Row(f"{name}.json", self.files[name])

    def rows(self, name, **wanted):
        rows = [Row(f"{name}.json, row {number},", row) for number, row in enumerate(self.files[name], 1)]
        return [row for row in rows if all(row[key] == value for key, value in wanted.items())]

    def row(self, name, **wanted):
        if not (rows := self.rows(name, **wanted)):
            asked = ", ".join(f"{key} = {value}" for key, value in wanted.items())
            raise Unusable(f"{name}.json has no row with {asked}")
        return rows[0]

    def values(self, name, key):
        """Returns the different values of a key, in their order."""
        return list(dict.fromkeys(row[key] for row in self.rows(name)))

    @property
    def smoke(self):
        return self.object("machine")["scale"] == "smoke"


def _read(path):
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        raise Unusable(f"{path.name} is missing") from None
    except ValueError as error:
        raise Unusable(f"{path.name} is no JSON: {error}") from None


def main_batch(results):
    """Returns the batch that the targets are stated for; in a smoke run, which has none so large, its largest."""
    batches = {(row["records"], row["urls"]) for row in results.rows("fanout")}
    return (1_000, 3) if (1_000, 3) in batches else max(batches)


def most_hanging(results):
    return max(results.values("isolation", "hanging"))


def largest_backlog(results):
    return max(results.values("backlog", "backlog"))


def items_per_s(row):
    """Returns how many items a turn of the backlog has written a second."""
    return row["per_s"] * row["items_written_per_1000"] / 1_000


def per_cpu_second(row):
    """Returns deliveries per CPU second; None if the kernel's clock did not tick."""
    return 1_000 / row["cpu_s_per_1000"] if row["cpu_s_per_1000"] else None


def between(results, one, other, figure, records, urls):
    """Returns a ratio of one implementation to another, at this size of the batch.

    Each was compared with the bare loop of its own round, so that the ratio of the two does not depend on other load.
    The bounds are the widest that the rounds allow.
    """
    one, other = (results.row("fanout", records=records, urls=urls, implementation=name)[figure] for name in (one, other))
    if None in one.values() or not all(other.values()):
        return None
    return {
        "median": one["median"] / other["median"],
        "least": one["least"] / other["most"],
        "most": one["most"] / other["least"],
    }


def cpu_times(results, other):
    """Returns the CPU time of a delivery in another implementation as a multiple of ours, at the main batch."""
    return between(results, other, OURS, "cpu_to_reqwest", *main_batch(results))
