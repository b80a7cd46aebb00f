"""The README's first command as a user gives it, but for ports and data, which are the test's own."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import boto3
import requests

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from patience import AWS_CLIENT, PATIENCE, eventually  # noqa: E402


def test_make_run_starts_console_api_and_database_until_it_is_interrupted(tmp_path):
    command = ["make", "run", "OPTIONS=--in-memory --port 0 --dynamodb-port 0"]
    # Not as a part of the `make` that runs this test.
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    with (tmp_path / "log").open("w") as log, subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True, process_group=0,
    ) as process:
        try:
            # It builds first, for minutes: there is no limit until it is ready or has ended.
            ready = next((line for line in process.stdout if "is ready" in line), None)
            assert ready, (tmp_path / "log").read_text()
            program, dynamodb = re.search(r"console and API (\S+), DynamoDB (\S+)", ready).groups()
            assert "Instance Webhooks</title>" in requests.get(program).text
            assert status_of_a_delivery(program, dynamodb) == ("delivered", 200)
        finally:
            os.killpg(process.pid, signal.SIGINT)  # Ctrl-C
            process.wait(PATIENCE)
    assert "stopping: finishing what is in flight" in (tmp_path / "log").read_text()


def status_of_a_delivery(program, dynamodb):
    """Writes an instance; returns how its delivery ended. The receiver is a page of the program's own."""
    callback = {"enabled": True, "urls": [f"{program}/health"]}
    requests.put(f"{program}/v1/workspaces/default/callbacks/created", json=callback).raise_for_status()
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": "eu-central-1"}
    table = boto3.resource("dynamodb", endpoint_url=dynamodb, config=AWS_CLIENT, **keys).Table("Instances")
    table.put_item(Item={"instanceID": "4711", "processName": "Order intake"})

    def ended():
        log = requests.get(f"{program}/v1/workspaces/default/deliveries").json()["deliveries"]
        return [it for it in log if it["status"] != "pending"]

    (delivery,) = eventually("the delivery to be in the log", ended)
    return delivery["status"], delivery["lastStatus"]
