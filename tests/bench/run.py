"""Measures one thing after the other, then runs the model on the results; keeps all of it as JSON."""

import argparse
import json
import os
import platform
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import deployed
from model import break_evens, costs, simulate_all
from model.measured import inputs

ROOT = Path(__file__).parents[2]
MEASUREMENTS = ["cold", "fanout", "descriptors", "memory", "growth", "billed", "backlog", "isolation", "latency",
                "imperfect"]


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def field(path, name):
    lines = Path(path).read_text().splitlines()
    return next(line.split(":", 1)[1].strip() for line in lines if line.startswith(name))


def machine(scale):
    """Returns the machine and the time of the measurements."""
    return {
        "taken": datetime.now(UTC).date().isoformat(),
        "commit": said("git", "-C", ROOT, "rev-parse", "--short", "HEAD"),
        "cpu": field("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory_mb": int(field("/proc/meminfo", "MemTotal").split()[0]) // 1_024,
        "kernel": platform.release().split("-")[0],
        "os": platform.freedesktop_os_release()["PRETTY_NAME"],
        "rust": said("rustc", "--version").split()[1],
        "node": said("node", "--version").removeprefix("v"),
        "python": platform.python_version(),
        "scale": scale,
        "load_before": os.getloadavg()[0],
    }


def cores():
    """Returns one core for the measured process and another for everything else; the same if there is only one."""
    first, *more = (str(core) for core in sorted(os.sched_getaffinity(0)))
    return first, more[0] if more else first


def modelled(measured, quick):
    money = costs(measured)
    return {
        "money": {"costs": money, "break_evens": break_evens(money)},
        "simulation": simulate_all(measured, quick),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=Path, help="the built program `bench`, beside `hello` and `instance-webhooks`")
    parser.add_argument("--scale", choices=["smoke", "quick", "whole"], default="whole")
    parser.add_argument("--results", type=Path, default=ROOT / "target/bench", help="where they are kept")
    parser.add_argument("--only", nargs="+", choices=MEASUREMENTS, default=MEASUREMENTS)
    arguments = parser.parse_args()
    arguments.results.mkdir(parents=True, exist_ok=True)
    description, begun = machine(arguments.scale), time.monotonic()
    # The measured process gets its own core; the bench itself and its other processes use another.
    measured, others = cores()
    os.environ |= {"BENCH_CORE_MEASURED": measured, "BENCH_CORE_OTHERS": others}
    for what in arguments.only:
        started = time.monotonic()
        command = ["taskset", "--cpu-list", others, arguments.bench, "measure", what, "--scale", arguments.scale]
        rows = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
        # A deployment takes a while; tests/deployed checks at each `make test` that this path from table to receiver
        # works.
        if what == "latency" and arguments.scale == "whole":
            rows += deployed.rows(arguments.bench, rates=[10, 50], seconds=20)
        (arguments.results / f"{what}.json").write_text(json.dumps(rows, indent=1) + "\n")
        print(f"{what:12} {len(rows):4} rows {time.monotonic() - started:6.0f} s", flush=True)
    results = {what: json.loads((arguments.results / f"{what}.json").read_text()) for what in MEASUREMENTS}
    for name, figures in modelled(inputs(results), quick=arguments.scale != "whole").items():
        (arguments.results / f"{name}.json").write_text(json.dumps(figures, indent=1) + "\n")
    description["duration_s"] = round(time.monotonic() - begun)
    (arguments.results / "machine.json").write_text(json.dumps(description, indent=1) + "\n")


if __name__ == "__main__":
    main()
