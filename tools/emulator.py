"""AWS on this machine: an emulator on a free port of the loopback address, and the whole stack deployed to it.

For the tests of the deployed stack and for `make deploy-emulator`. The template, the build and the deployment are those
of AWS; the emulator is ministack. It checks signatures and policies (`AUTH`), so that each function runs with no more than
its role allows, and the tokens of its Cognito.
"""

import base64
import contextlib
import json
import os
import platform
import random
import re
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import boto3
import urllib3
from botocore.credentials import Credentials

from patience import AWS_CLIENT, PATIENCE

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / ".venv/bin"
BUILT = ROOT / ".aws-sam/emulator"
# The emulator runs a function as a process, so it has this machine's architecture.
ARCHITECTURE = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
REGION = "us-east-1"
# The emulator treats this key as the account's root user.
ROOT_USER = Credentials("test", "test")
# Receivers are on this machine; and the emulator has neither managed login nor alarms that compute.
PARAMETERS = {
    "Architecture": ARCHITECTURE, "AllowedNetworks": "127.0.0.0/8,::1/128", "SignInPage": "classic", "ReconcileEvents": "false",
}
# Password of every invited user.
PASSWORD = "Correct-horse-7-battery"


# What cannot be met here: the emulator speaks only HTTP, gives a policy no source of an event, and does not see which stream a call
# is about.
UNMET = {
    r"(aws:SecureTransport: )['\"]?false['\"]?": r"\1'neither'",
    r"events:source: instance-webhooks": "aws:SecureTransport: 'false'",
    r"(Sid: ReadInstanceStream\n\s+Effect: Allow\n\s+Action:\n(?:\s+- dynamodb:\w+\n)+\s+Resource:)\n(?:\s+(?:Fn::If:|- .*)\n){6}": (
        r"\1 '*'\n"
    ),
}


class Failed(Exception):
    """Failure of a tool."""


def tool(name):
    path = TOOLS / name
    if not path.exists():
        raise Failed(f"{path} is not there: run it through make, which installs it")
    return path


def run(command, **options):
    """Runs a command; returns its output, and raises with all of it on failure."""
    result = subprocess.run(
        [str(it) for it in command], cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options,
    )
    if result.returncode != 0:
        raise Failed(f"{' '.join(str(it) for it in command)}\n{result.stdout}")
    return result.stdout


def free_port():
    """A free port below those that the system gives to a listener on port 0: one of those could be given to a receiver
    before the process that this port is for has bound it."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as free, contextlib.suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port


def built(function):
    """Returns the program of a function, by its logical id, as `make build-emulator` built it."""
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
        # One process finds the free port and another binds it, so that another process may bind it first.
        for _ in range(3):
            self._start(free_port())
            if self._is_up():
                return self
        raise Failed(f"ministack did not start three times in a row:\n{self.log.read_text()}")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._dir.cleanup()

    def _start(self, port):
        self.port = port
        self.endpoint = f"http://127.0.0.1:{port}"
        # Its functions inherit this environment, and use it to find the emulator.
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
            # Otherwise it opens further ports.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }
        self.process = subprocess.Popen(
            [tool("ministack")], cwd=self.dir, env=environment, stdin=subprocess.DEVNULL,
            stdout=self.log.open("w"), stderr=subprocess.STDOUT,
            # Ctrl-C in a terminal is for the process that started the emulator: it removes the stack first.
            start_new_session=True,
        )

    def _is_up(self):
        until = time.monotonic() + PATIENCE
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while time.monotonic() < until and self.process.poll() is None:
            try:
                direct.open(f"{self.endpoint}/_ministack/health", timeout=PATIENCE)
                return True
            except OSError:
                time.sleep(0.05)
        return False

    def client(self, service, user=ROOT_USER):
        return boto3.client(
            service, endpoint_url=self.endpoint, region_name=REGION,
            aws_access_key_id=user.access_key, aws_secret_access_key=user.secret_key,
            config=AWS_CLIENT,
        )

    def environment(self):
        """Returns the environment of AWS's tools, with this emulator in place of AWS."""
        # No real account is used or reachable.
        foreign = re.compile(r"AWS_.*|.*_PROXY", re.IGNORECASE)
        return {name: value for name, value in os.environ.items() if not foreign.fullmatch(name)} | {
            "HOME": str(self.dir),  # an empty ~/.aws
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ROOT_USER.access_key,
            "AWS_SECRET_ACCESS_KEY": ROOT_USER.secret_key,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_PAGER": "",
            "SAM_CLI_TELEMETRY": "0",
        }

    def sam(self, *arguments):
        """Runs `sam` against this emulator, as a user would against AWS."""
        return run([tool("sam"), *arguments], env=self.environment())

    def aws(self, *arguments):
        """Runs the AWS CLI against this emulator; returns its output."""
        # Its version 1 does not read AWS_ENDPOINT_URL for every service.
        return run([tool("aws"), "--endpoint-url", self.endpoint, *arguments], env=self.environment())

    def deploy(self, name, **parameters):
        """Deploys the built template; returns the stack."""
        if not (BUILT / "template.yaml").exists():
            raise Failed(f"{BUILT} is not there: `make build-emulator` builds it")
        parameters = PARAMETERS | parameters
        self.sam(
            "deploy", "--config-file", ROOT / "samconfig.toml", "--template-file", for_the_emulator(),
            "--stack-name", name, "--no-confirm-changeset", "--no-progressbar",
            "--parameter-overrides", *(f"{key}={value}" for key, value in parameters.items()),
        )
        return Stack(self, name)

    def delete(self, name):
        self.sam("delete", "--stack-name", name, "--no-prompts")


def for_the_emulator():
    """Writes the built template without the conditions that cannot be met; everything else is as deployed to AWS."""
    text = (BUILT / "template.yaml").read_text()
    for condition, instead in UNMET.items():
        text, count = re.subn(condition, instead, text)
        if not count:
            raise Failed(f"the template has no {condition}: take it out of UNMET")
    template = BUILT / "template.emulator.yaml"
    template.write_text(text)
    return template


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

    def api(self, token=None):
        return Api(self.outputs["ApiAddress"], self.emulator.port, token)

    def invite(self, email, workspace, *groups):
        """Adds a user to the user pool, as docs/operations.md does."""
        cognito, pool = self.emulator.client("cognito-idp"), self.outputs["UserPoolId"]
        attributes = {"email": email, "email_verified": "true"} | ({"custom:workspace": workspace} if workspace else {})
        cognito.admin_create_user(
            UserPoolId=pool, Username=email, MessageAction="SUPPRESS",
            TemporaryPassword=f"{PASSWORD}-at-first",  # Cognito generates one; the emulator's violates the policy
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        )
        cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=PASSWORD, Permanent=True)
        for group in groups:
            cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=group)

    def sign_in(self, email, client=None):
        """Returns the tokens of an invited user."""
        return self.emulator.client("cognito-idp").admin_initiate_auth(
            UserPoolId=self.outputs["UserPoolId"], ClientId=client or self.outputs["SignInClientId"],
            AuthFlow="ADMIN_USER_PASSWORD_AUTH", AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
        )["AuthenticationResult"]

    def person(self, email, workspace, *groups):
        """Creates a user and signs in; returns the token with their name and workspaces."""
        self.invite(email, workspace, *groups)
        return self.sign_in(email)["IdToken"]

    def machine(self, name, *scopes):
        """Creates a machine client."""
        return self.emulator.client("cognito-idp").create_user_pool_client(
            UserPoolId=self.outputs["UserPoolId"], ClientName=name, GenerateSecret=True,
            AllowedOAuthFlowsUserPoolClient=True, AllowedOAuthFlows=["client_credentials"], AllowedOAuthScopes=list(scopes),
        )["UserPoolClient"]

    def machine_token(self, client, scope=None):
        """Returns the response of the pool's token endpoint to a machine client."""
        form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        secret = base64.b64encode(f"{client['ClientId']}:{client['ClientSecret']}".encode()).decode()
        # On AWS at SignInUrl; the emulator serves all pools at its own address.
        endpoint = Api(self.emulator.endpoint, self.emulator.port)
        headers = {"content-type": "application/x-www-form-urlencoded", "authorization": f"Basic {secret}"}
        return endpoint("POST", "/oauth2/token", urlencode(form), headers)


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
    """The API at its public address, called with a token or without."""

    def __init__(self, address, port, token=None):
        self.address = address
        self.token = token
        # Names below localhost are this machine (RFC 6761), which not every resolver knows.
        self.pool = urllib3.HTTPConnectionPool("127.0.0.1", port, timeout=PATIENCE, retries=False)

    def __call__(self, method, path, body=None, headers=()):
        sent = {"Host": re.sub("^https?://", "", self.address)}
        if body is not None:
            sent["content-type"] = "application/json"
        if self.token:
            sent["authorization"] = f"Bearer {self.token}"
        data = body if body is None or isinstance(body, str) else json.dumps(body)
        return Answer(self.pool.request(method, path, body=data, headers=sent | dict(headers)))
