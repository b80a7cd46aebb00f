"""AWS on this machine: an emulator on a free port of the loopback address, and the whole stack deployed to it.

For the tests of the deployed stack and for `make deploy-emulator`. The template, the build and the deployment are those
of AWS; the emulator is ministack. It checks signatures and policies (`AUTH`), so that each function runs with no more than
its role allows.
"""

import json
import os
import platform
import re
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import boto3
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / ".venv/bin"
BUILT = ROOT / ".aws-sam/emulator"
# The emulator runs a function as a process, so it is that of this machine.
ARCHITECTURE = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
REGION = "us-east-1"
# The emulator takes this key for the account's root user.
ROOT_USER = Credentials("test", "test")


class Failed(Exception):
    """A tool did not do what it was asked to."""


def tool(name):
    path = TOOLS / name
    if not path.exists():
        raise Failed(f"{path} is not there: run it through make, which installs it")
    return path


def run(command, **options):
    """What a command prints; everything it printed if it fails."""
    result = subprocess.run(
        [str(it) for it in command], cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options,
    )
    if result.returncode != 0:
        raise Failed(f"{' '.join(str(it) for it in command)}\n{result.stdout}")
    return result.stdout


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def built(function):
    """The program of a function, by its logical id, as `make build-emulator` left it."""
    path = BUILT / function / "bootstrap"
    if not path.exists():
        raise Failed(f"{path} is not there: `make build-emulator` builds it")
    return path


class Emulator:
    """ministack as a process, from `with` to the end of its block."""

    def __init__(self):
        self._dir = tempfile.TemporaryDirectory(prefix="emulator-")
        self.dir = Path(self._dir.name)
        self.log = self.dir / "log"

    def __enter__(self):
        # The free port is found by one process and taken by another, so somebody may be faster.
        for _ in range(3):
            self._start(free_port())
            if self._is_up():
                return self
        raise Failed(f"ministack did not start three times in a row:\n{self.log.read_text()}")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._dir.cleanup()

    def _start(self, port):
        self.port = port
        self.endpoint = f"http://127.0.0.1:{port}"
        # Its functions inherit this environment, and find the emulator by it.
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.dir),
            "TMPDIR": str(self.dir),
            "STATE_DIR": str(self.dir / "state"),
            "S3_DATA_DIR": str(self.dir / "s3"),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "AUTH": "true",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ROOT_USER.access_key,
            "AWS_SECRET_ACCESS_KEY": ROOT_USER.secret_key,
            "AWS_DEFAULT_REGION": REGION,
            # Or it opens ports of its own.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }
        self.process = subprocess.Popen(
            [tool("ministack")], cwd=self.dir, env=environment, stdin=subprocess.DEVNULL,
            stdout=self.log.open("w"), stderr=subprocess.STDOUT,
            # Ctrl-C in a terminal is for whoever started the emulator: the stack is removed before it goes.
            start_new_session=True,
        )

    def _is_up(self):
        until = time.monotonic() + 30
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while time.monotonic() < until and self.process.poll() is None:
            try:
                direct.open(f"{self.endpoint}/_ministack/health", timeout=5)
                return True
            except OSError:
                time.sleep(0.05)
        return False

    def client(self, service, user=ROOT_USER):
        return boto3.client(
            service, endpoint_url=self.endpoint, region_name=REGION,
            aws_access_key_id=user.access_key, aws_secret_access_key=user.secret_key,
            config=Config(proxies={}, retries={"total_max_attempts": 2}),
        )

    def sam(self, *arguments):
        """Runs `sam` against this emulator, as a user would against AWS."""
        # Nobody's account, and no way to one.
        foreign = re.compile(r"AWS_.*|.*_PROXY", re.IGNORECASE)
        environment = {name: value for name, value in os.environ.items() if not foreign.fullmatch(name)} | {
            "HOME": str(self.dir),  # nobody's ~/.aws
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ROOT_USER.access_key,
            "AWS_SECRET_ACCESS_KEY": ROOT_USER.secret_key,
            "AWS_DEFAULT_REGION": REGION,
            "SAM_CLI_TELEMETRY": "0",
        }
        return run([tool("sam"), *arguments], env=environment)

    def deploy(self, name, **parameters):
        """Deploys the built template; answers with the stack."""
        if not (BUILT / "template.yaml").exists():
            raise Failed(f"{BUILT} is not there: `make build-emulator` builds it")
        parameters = {"Architecture": ARCHITECTURE} | parameters
        self.sam(
            "deploy", "--config-file", ROOT / "samconfig.toml", "--template-file", BUILT / "template.yaml",
            "--stack-name", name, "--no-confirm-changeset", "--no-progressbar",
            "--parameter-overrides", *(f"{key}={value}" for key, value in parameters.items()),
        )
        return Stack(self, name)

    def delete(self, name):
        self.sam("delete", "--stack-name", name, "--no-prompts")

    def user(self, name, statement=None):
        """A new IAM user with at most this one permission."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        if statement:
            policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | statement]}
            iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


class Stack:
    """A deployed stack, by its outputs."""

    def __init__(self, emulator, name):
        self.emulator = emulator
        self.name = name
        cloudformation = emulator.client("cloudformation")
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        self.status = stack["StackStatus"]
        self.outputs = {it["OutputKey"]: it["OutputValue"] for it in stack["Outputs"]}
        resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        self.resources = {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in resources}

    def api(self, user=None):
        return Api(self.outputs["ApiAddress"], self.emulator.port, user)

    def caller(self, name):
        """A user who may call this stack's API and do nothing else."""
        resource = f"arn:aws:execute-api:{REGION}:*:{self.resources['Api']}/*"
        return self.emulator.user(name, {"Action": "execute-api:Invoke", "Resource": resource})


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.text = response.data.decode()

    @property
    def json(self):
        return json.loads(self.text)

    def __repr__(self):
        return f"{self.status} {dict(self.headers)} {self.text}"


class Api:
    """The API at its public address, called by somebody (SigV4) or nobody."""

    def __init__(self, address, port, user=None):
        self.address = address
        self.user = user
        # Names below localhost are this machine (RFC 6761), which not every resolver knows.
        self.pool = urllib3.HTTPConnectionPool("127.0.0.1", port, timeout=60, retries=False)

    def __call__(self, method, path, body=None, headers=()):
        content = {"content-type": "application/json"} if body is not None else {}
        request = AWSRequest(
            method, self.address + path, headers=content | dict(headers),
            data=body if body is None or isinstance(body, str) else json.dumps(body),
        )
        if self.user:
            SigV4Auth(self.user, "execute-api", REGION).add_auth(request)
        sent = dict(request.headers) | {"Host": re.sub("^https?://", "", self.address)}
        return Answer(self.pool.request(method, path, body=request.data, headers=sent))
