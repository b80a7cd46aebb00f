"""The program, in memory, with data that ids can name."""

import os
import re
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
import requests

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "target/debug/instance-webhooks"
sys.path.insert(0, str(ROOT / "tools"))

from patience import AWS_CLIENT, PATIENCE, eventually  # noqa: E402


@dataclass
class Program:
    """A running program, and the data in it."""

    api: str
    closed_port: int
    endpoints: list[str]
    deliveries: list[str]


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    log = tmp_path_factory.mktemp("program") / "log"
    with log.open("w") as output, socket.socket() as closed:
        # It refuses connections, and no other program gets its port meanwhile.
        closed.bind(("127.0.0.1", 0))
        command = [PROGRAM, "--in-memory", "--port", "0", "--dynamodb-port", "0"]
        # The limit of test calls and dry runs would be reached within seconds.
        environment = os.environ | {"TEST_CALLS_PER_MINUTE": "1000"}
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
        try:
            api, dynamodb = eventually("the program to be ready", lambda: addresses(log.read_text()))
            yield filled(api, dynamodb, closed.getsockname()[1])
            assert process.poll() is None, f"the program ended by itself:\n{log.read_text()}"
            assert "panicked" not in log.read_text(), log.read_text()
        finally:
            process.terminate()
            process.wait(PATIENCE)


def addresses(log):
    ready = re.search(r"is ready: console and API (\S+), DynamoDB (\S+)", log)
    return ready and ready.groups()


def filled(api, dynamodb, closed_port):
    """Configures callbacks whose receiver refuses connections, so that there are endpoints and pending deliveries."""
    urls = [f"http://127.0.0.1:{closed_port}/{name}" for name in ("a", "b")]
    callback = {"enabled": True, "urls": urls}
    body = {"created": callback, "updated": callback, "deleted": callback}
    requests.put(f"{api}/v1/workspaces/default/callbacks", json=body).raise_for_status()
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": "eu-central-1"}
    table = boto3.resource("dynamodb", endpoint_url=dynamodb, config=AWS_CLIENT, **keys).Table("Instances")
    for number in range(4):
        table.put_item(Item={"instanceID": f"i-{number}", "processName": "Order"})

    def log():
        page = requests.get(f"{api}/v1/workspaces/default/deliveries").json()["deliveries"]
        return len(page) == 4 * len(urls) and page

    deliveries = eventually("the deliveries to be in the log", log)
    endpoints = requests.get(f"{api}/v1/workspaces/default/endpoints").json()["endpoints"]
    return Program(api, closed_port, [it["endpointID"] for it in endpoints], [it["deliveryID"] for it in deliveries])
