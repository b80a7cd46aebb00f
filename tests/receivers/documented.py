"""docs/receivers.md as a program sees it: its example, and its receivers as they stand there."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import time

from arrivals import SIGNED
from conftest import HERE, ROOT, tool
from patience import PATIENCE

PATH = ROOT / "docs/receivers.md"


def code(heading):
    """The first block of code below a heading."""
    found = re.search(rf"^### {re.escape(heading)}\n.*?^```\w+\n(.*?)^```$", PATH.read_text(), re.DOTALL | re.MULTILINE)
    assert found, f"docs/receivers.md has no code below the heading {heading}"
    return found[1]


def example():
    """The rows of the worked example."""
    table = PATH.read_text().split("| worked example | |\n|---|---|\n")[1].split("\n\n")[0]
    return {name.strip("`"): value for name, value in re.findall(r"^\| (.+?) \| `(.+)` \|$", table, re.MULTILINE)}


def node(folder):
    (folder / "receiver.mjs").write_text(code("Node"))
    (folder / "node_modules").symlink_to(HERE / "node_modules")
    return [tool("node", "install Node 20 or later"), "receiver.mjs"]


def python(folder):
    (folder / "receiver.py").write_text(code("Python"))
    return [sys.executable, "-m", "gunicorn", "receiver:app", "--workers", "1"]  # it binds to $PORT


def rust(folder):
    built = str(ROOT / "target/debug/examples/receiver")
    return [tool(os.environ.get("RUST_RECEIVER", built), "`make test-receivers` builds it")]


RECEIVERS = [node, python, rust]


class Running:
    """A documented receiver, running from `with` to the end of its block."""

    def __init__(self, receiver, secret, folder):
        self.command, self.secret, self.folder = receiver(folder), secret, folder

    def __enter__(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "PORT": str(self.port)}
        if "gunicorn" in self.command:
            environment["GUNICORN_CMD_ARGS"] = f"--bind 127.0.0.1:{self.port}"  # with $PORT alone, all interfaces
        with (self.folder / "log").open("w") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, env=environment | {"WEBHOOK_SECRET": self.secret},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            self.wait_until_it_listens()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.connection.close()
        self.process.terminate()
        self.process.wait(PATIENCE)
        shutil.rmtree(self.folder)

    def wait_until_it_listens(self):
        until = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < until:
            try:
                return socket.create_connection(("127.0.0.1", self.port)).close()
            except ConnectionRefusedError:
                time.sleep(0.02)
        raise AssertionError(f"the documented receiver does not listen: {(self.folder / 'log').read_text()}")

    def status(self, arrival):
        """What it answers to a request."""
        self.connection.putrequest("GET", arrival.target, skip_accept_encoding=True)
        for name in SIGNED:
            if name in arrival.headers:
                self.connection.putheader(name, arrival.headers[name])
        self.connection.endheaders()
        answer = self.connection.getresponse()
        answer.read()
        return answer.status
