"""From a write to the instance table to the arrival of the GET, by the stack as `sam deploy` creates it on an emulator
of AWS.

The emulator polls a stream at its own rate, and serves one request at a time: it bounds the rates, and takes most of
the time. The measurement shows that the whole path takes no longer than that.
"""

import json
import math
import os
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from emulator import Emulator, Failed  # noqa: E402
from patience import PATIENCE  # noqa: E402

WORKSPACE = "bench"


@contextmanager
def receiver(bench):
    """Yields the address of a `bench receiver`."""
    command = ["taskset", "--cpu-list", os.environ["BENCH_CORE_OTHERS"], bench, "receiver"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def taken(url):
    """Returns, for each request since the last call, the milliseconds from its write to its arrival."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(f"{url}/_take") as answer:
        return [late for arrivals in json.load(answer).values() for late in arrivals["after_ms"]]


def percentile(values, share):
    """Returns the smallest value that at least this share of the values does not exceed (nearest rank)."""
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def rows(bench, rates, seconds):
    with Emulator() as emulator, receiver(bench) as url:
        stack = emulator.deploy("bench")
        api = stack.api(stack.person("bench@example.com", WORKSPACE, "Administrator"))
        callbacks = {"created": {"enabled": True, "urls": [f"{url}/ok"]}}
        answer = api("PUT", f"/v1/workspaces/{WORKSPACE}/callbacks", callbacks)
        if answer.status != 200:
            raise Failed(f"the callbacks were not taken: {answer}")
        dynamodb, table = emulator.client("dynamodb"), stack.outputs["InstancesTableName"]
        _run(dynamodb, table, url, 1, 3, "warm-up")
        return [_run(dynamodb, table, url, per_s, per_s * seconds, f"at-{per_s}") for per_s in rates]


def _run(dynamodb, table, url, per_s, events, name):
    def put(number):
        written = str(time.time_ns() // 1_000)
        item = {"instanceID": f"{name}-{number}", "processName": written, "workspaceID": WORKSPACE}
        dynamodb.put_item(TableName=table, Item={key: {"S": value} for key, value in item.items()})

    begun = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        writes = []
        for number in range(events):
            time.sleep(max(begun + number / per_s - time.monotonic(), 0))
            writes.append(pool.submit(put, number))
        for write in writes:
            write.result()
    wrote, late = time.monotonic() - begun, taken(url)
    until = time.monotonic() + PATIENCE
    while len(late) < events:
        if time.monotonic() > until:
            raise Failed(f"{len(late)} of {events} have arrived")
        time.sleep(0.1)
        late += taken(url)
    if len(late) != events:
        raise Failed(f"each arrives once, not {len(late)} of {events}")
    return {
        "stack": "deployed to an emulator", "writes_per_s": per_s, "written_per_s": events / wrote, "events": events,
        "p50_ms": percentile(late, 0.5), "p99_ms": percentile(late, 0.99), "p999_ms": percentile(late, 0.999),
        "most_ms": max(late),
    }
