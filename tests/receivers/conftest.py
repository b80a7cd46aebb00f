"""The local program with real receivers: what it sends is verified by others' code.

What a test needs and does not find fails it, and says what is missing: nothing is skipped.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import boto3
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from arrivals import Receiver  # noqa: E402
from patience import AWS_CLIENT, PATIENCE  # noqa: E402

# Each URL after the address, and what of it stands in the target before the first of our parameters.
URLS = [
    ("", "/?"),
    ("?x", "/?x&"),
    ("/instanceCreated?token=a%2fb", "/instanceCreated?token=a%2fb&"),
    ("/instanceCreated?q='&&", "/instanceCreated?q=%27&&&"),
    ("/empty?", "/empty?"),
    ("/it's/a/../b/./c//d", "/it's/b/c//d?"),
    ("//double", "//double?"),
    ("/cut?x=1#fragment/?y", "/cut?x=1&"),
    ("/%7Euser/%c3%bc;v=1?z=%20+%2B&a=b;c=d", "/%7Euser/%c3%bc;v=1?z=%20+%2B&a=b;c=d&"),
    ("/odd?q=%zz&y=:@!$*(),&u=http://x/?y", "/odd?q=%zz&y=:@!$*(),&u=http://x/?y&"),
]

# The secret of one application that listens at all of these URLs.
OURS = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

# Instances and their processes.
NAMES = [
    ("i 1", "Order"),
    ("a&b=c#d+e%f/g?h", "M&S = für\tdich"),
    ("🚀/№1", "\"<>\\^`{|}' \u0301"),
    ("../..//", "%2f%zz"),
]


@dataclass
class Program:
    """The running program."""

    api: str
    instances: object

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.api + path, data, {"content-type": "application/json"}, method=method)
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def configure(self, workspace, *urls):
        created = {"enabled": True, "urls": list(urls)}
        self.call("PUT", f"/v1/workspaces/{workspace}/callbacks/created", created)

    def secret_paths(self, workspace):
        """The path of each endpoint's secret, by URL."""
        path = f"/v1/workspaces/{workspace}/endpoints"
        endpoints = self.call("GET", path)["endpoints"]
        return {it["url"]: f"{path}/{it['endpointID']}/signing-secret" for it in endpoints}

    def secret(self, workspace, url):
        """The endpoint's secret, made now if there is none yet."""
        path = self.secret_paths(workspace)[url]
        try:
            return self.call("GET", path)["secret"]
        except AssertionError as refused:
            if "problem:no-signing-secret" not in str(refused):
                raise
        return self.call("POST", f"{path}/rotate")["secret"]

    def rotate(self, workspace, url, overlap):
        """Rotates the secret of one endpoint, and returns what it is then."""
        return self.call("POST", f"{self.secret_paths(workspace)[url]}/rotate", {"overlapSeconds": overlap})

    def rotate_all(self, workspace, url, overlap):
        """Rotates the secrets of all endpoints, and returns what that of this one is then."""
        self.call("POST", f"/v1/workspaces/{workspace}/signing-secret/rotate", {"overlapSeconds": overlap})
        return self.call("GET", self.secret_paths(workspace)[url])

    def put(self, workspace, instance, process="Order"):
        item = {"instanceID": instance, "processName": process, "workspaceID": workspace}
        self.instances.put_item(TableName="Instances", Item={name: {"S": value} for name, value in item.items()})

    def delete(self, instance):
        self.instances.delete_item(TableName="Instances", Key={"instanceID": {"S": instance}})


def tool(path, how):
    """A file or a command that has to be there."""
    found = shutil.which(path)
    assert found, f"{path} is missing: {how}"
    return found


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    built = str(ROOT / "target/debug/instance-webhooks")
    path = tool(os.environ.get("PROGRAM", built), "`make test-receivers` builds it, and $PROGRAM names another one")
    home = tmp_path_factory.mktemp("program")
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [path, "--in-memory", "--port", "0", "--dynamodb-port", "0"],
            cwd=home, env={"HOME": str(home), "PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
        )
    try:
        ready = process.stdout.readline()
        addresses = re.findall(r"http://[\d.:]+", ready)
        assert len(addresses) == 2, f"it is not ready: {ready} {(home / 'log').read_text()}"
        dynamodb = boto3.client(
            "dynamodb", endpoint_url=addresses[1], region_name="us-east-1",
            aws_access_key_id="test", aws_secret_access_key="test", config=AWS_CLIENT,
        )
        yield Program(addresses[0], dynamodb)
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def arrivals(program):
    """One request for each URL and each instance of the workspace `nasty`, and its target as it ought to be.

    Each module has its own: a receiver takes none that is older than five minutes.
    """
    with Receiver() as receiver:
        program.configure("nasty", *(receiver.address + url for url, _ in URLS))
        for path in program.secret_paths("nasty").values():
            program.call("PUT", path, {"secret": OURS, "overlapSeconds": 0})
        for instance, process in NAMES:
            program.put("nasty", instance, process)
        arrived = receiver.heard(len(URLS) * len(NAMES))
    program.configure("nasty")
    for instance, _ in NAMES:
        program.delete(instance)
    expected = [
        f"{before}instanceID={quote(instance, safe='')}&processName={quote(process, safe='')}&eventType=created"
        for _, before in URLS for instance, process in NAMES
    ]
    assert sorted(it.target for it in arrived) == sorted(expected)
    return arrived


@pytest.fixture(scope="module")
def secret(arrivals):
    """With which they are signed."""
    return OURS
