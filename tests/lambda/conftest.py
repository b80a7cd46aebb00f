"""Each built function under AWS's Lambda Runtime Interface Emulator: the events of AWS in, the responses for AWS
out."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import samcli
from samcli.yamlhelper import yaml_parse

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests/deployed")]

from emulator import ARCHITECTURE, REGION, ROOT_USER, Emulator, Failed, built, free_port  # noqa: E402
from figures import FUNCTIONS  # noqa: E402
from patience import PATIENCE  # noqa: E402
from receiver import Receiver  # noqa: E402

HERE = Path(__file__).parent
TABLES = {"WEBHOOKS_TABLE": "Webhooks", "DELIVERIES_TABLE": "Deliveries"}
# The parameters of the sign-in.
SIGN_IN = {
    "SIGN_IN_ISSUER": "https://id.example/pool",
    "SIGN_IN_CLIENT_ID": "console",
    "SIGN_IN_AUDIENCES": "console",
    "SIGN_IN_ORIGINS": "https://sign-in.example",
    "SIGN_IN_LOGOUT_URL": "https://sign-in.example/logout",
}


def event(name):
    return json.loads((HERE / f"events/{name}.json").read_text())


def interface_emulator():
    """Returns its path: SAM includes it, and runs it in containers."""
    name = {"arm64": "aws-lambda-rie-arm64", "x86_64": "aws-lambda-rie-x86_64"}[ARCHITECTURE]
    path = Path(samcli.__file__).parent / "local/rapid" / name
    if not path.exists():
        raise Failed(f"{path} is not there: SAM ships it, at a place that may have moved")
    return path


class Function:
    """One execution environment of a function."""

    def __init__(self, name, environment):
        self.port = port = free_port()
        self.url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
        # Without the addresses it listens on all interfaces.
        command = [
            interface_emulator(), "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
            "--runtime-api-address", f"127.0.0.1:{free_port()}", "--log-level", "info", built(FUNCTIONS[name]),
        ]
        lambda_sets = {"AWS_LAMBDA_FUNCTION_NAME": name, "AWS_LAMBDA_FUNCTION_TIMEOUT": "30", "AWS_REGION": REGION}
        self.output = Path(environment["HOME"]) / f"{name}-{port}.log"
        self.process = subprocess.Popen(
            [str(it) for it in command], env={"PATH": os.environ["PATH"]} | lambda_sets | environment,
            stdin=subprocess.DEVNULL, stdout=self.output.open("w"), stderr=subprocess.STDOUT,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(PATIENCE)

    def wait_until_it_listens(self):
        until = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < until:
            try:
                return socket.create_connection(("127.0.0.1", self.port)).close()
            except ConnectionRefusedError:
                time.sleep(0.01)
        raise AssertionError(f"the interface emulator does not listen: {self.written()}")

    def invoke(self, payload):
        """Returns the response to an event, an error too; `None` if there is none."""
        self.wait_until_it_listens()
        body = json.dumps(payload, ensure_ascii=False).encode()
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(urllib.request.Request(self.url, data=body), timeout=PATIENCE) as response:
                return json.loads(response.read())
        except urllib.error.HTTPError as error:
            answer = error.read()
            return json.loads(answer) if answer else None

    def written(self):
        return self.output.read_text()

    def init_ms(self):
        """Returns the milliseconds from its start to its first request for an event."""
        # The REPORT line has an `Init Duration` as well, which is not a measured one.
        return float(re.search(r"INIT REPORT\(durationMs: ([\d.]+)\)", self.written())[1])


@pytest.fixture(scope="session")
def emulator():
    """Starts the emulator, for its DynamoDB."""
    with Emulator() as emulator:
        dynamodb = emulator.client("dynamodb")
        resources = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
        for name in TABLES.values():
            table = resources[f"{name}Table"]["Properties"]
            definition = {it: table[it] for it in ("BillingMode", "AttributeDefinitions", "KeySchema")}
            # What depends on a parameter is left out.
            indexes = [
                {key: value for key, value in index.items() if key != "WarmThroughput"}
                for index in table["GlobalSecondaryIndexes"]
            ]
            dynamodb.create_table(TableName=name, GlobalSecondaryIndexes=indexes, **definition)
        yield emulator


@pytest.fixture(scope="session")
def environment(emulator):
    return TABLES | SIGN_IN | {
        # No program reads this queue: a message to it is lost, and a lost wake-up is no error.
        "INSTANCE_STREAM_ARN": "arn:aws:dynamodb:us-east-1:000000000000:table/None/stream/none",
        "WAKEUP_QUEUE_URL": f"{emulator.endpoint}/000000000000/nobodys-queue",
        "EGRESS_ADDRESSES": "203.0.113.7",
        "DEPLOYMENT_NAME": "tests",
        "CONSOLE_URL": "https://console.example/",
        # The receivers of the tests are on this machine.
        "ALLOWED_NETWORKS": "127.0.0.0/8",
        "HOME": str(emulator.dir),
        "AWS_ENDPOINT_URL": emulator.endpoint,
        "AWS_ACCESS_KEY_ID": ROOT_USER.access_key,
        "AWS_SECRET_ACCESS_KEY": ROOT_USER.secret_key,
    }


@pytest.fixture(scope="session")
def start(environment):
    """Starts a function, with other settings if they are given."""
    return lambda name, **settings: Function(name, environment | settings)


@pytest.fixture(scope="session")
def api(start):
    with start("api") as function:
        yield function


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        yield receiver


# ── The table of sizes and times ─────────────────────────────────────────────────────────────────────────────────────────

ROWS = pytest.StashKey()


@pytest.fixture
def record(request):
    """Adds a function to the table that is printed at the end."""
    return lambda *row: request.config.stash.setdefault(ROWS, []).append(row)


def pytest_terminal_summary(terminalreporter, config):
    if rows := config.stash.get(ROWS, None):
        terminalreporter.write_line("")
        terminalreporter.write_line("function       MB   start ms   first call ms   warm call ms   (medians, on this machine now)")
        for name, size, *times in rows:
            terminalreporter.write_line(f"{name:10} {size / 1e6:6.2f} {times[0]:10.1f} {times[1]:15.1f} {times[2]:14.1f}")
