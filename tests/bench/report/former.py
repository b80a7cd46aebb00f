"""The figures of the run that was published before, which stand beside those of this run. No I/O."""

from dataclasses import dataclass

NOTHING = {"taken": None, "commit": None, "cpu": None, "measured": {}}


@dataclass(frozen=True)
class Former:
    """A published run: its date, commit and processor, and what it measured by target."""

    taken: str | None
    commit: str | None
    cpu: str | None
    measured: dict


def former(published, machine):
    """Returns the run before this one. `published` is what `record` returned for the last run that was published, which
    may be this run itself."""
    is_this_run = (published["taken"], published["commit"]) == (machine["taken"], machine["commit"])
    run = published["former"] if is_this_run else published
    return Former(run["taken"], run["commit"], run["cpu"], run["measured"])


def record(machine, targets, before):
    """Returns what is kept of a run for the next one."""
    return {
        "taken": machine["taken"],
        "commit": machine["commit"],
        "cpu": machine["cpu"],
        "measured": {target.what: target.measured for target in targets},
        "former": {"taken": before.taken, "commit": before.commit, "cpu": before.cpu, "measured": before.measured},
    }
