"""Each command of docs/runbooks.md runs on a deployed stack, as an operator types it, and shows what the runbook says."""

import os
import subprocess

import pytest
from emulator import REGION, ROOT_USER, TOOLS, tool
from patience import PATIENCE, eventually
from runbooks import commands, definitions, sections

from conftest import ROOT

RUNBOOKS = sections()
# Commands that the emulator cannot run, with its error.
UNTRIED = {
    'aws sqs start-message-move-task --source-arn "$(aws sqs get-queue-attributes --queue-url "$DEAD"'
    " --attribute-names QueueArn --query Attributes.QueueArn --output text)\"": "The action StartMessageMoveTask is not valid",
}
# The AWS CLI 1 calls SQS at AWS whatever AWS_ENDPOINT_URL says.
CLI = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }'


@pytest.fixture
def shell(emulator, stack):
    """Returns a function that runs commands in a shell with the runbooks' definitions; fails unless each succeeds."""
    tool("aws")
    environment = {
        "PATH": f"{TOOLS}:{os.environ['PATH']}",
        "HOME": str(emulator.dir),
        "STACK": stack.name,
        "AWS_ENDPOINT_URL": emulator.endpoint,
        "AWS_ACCESS_KEY_ID": ROOT_USER.access_key,
        "AWS_SECRET_ACCESS_KEY": ROOT_USER.secret_key,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_PAGER": "",
        "NO_PROXY": "*",
    }

    def shell(text):
        script = f"set -euo pipefail\n{CLI}\n{definitions()}\n{text}"
        done = subprocess.run(
            ["bash", "-c", script], cwd=ROOT, env=environment, text=True, timeout=5 * PATIENCE,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}"
        return done.stdout

    return shell


def lines(name):
    """Returns each command of a runbook, after those that set its variables."""
    text = commands(RUNBOOKS[name]).splitlines()
    variables = [line for line in text if line.startswith("DEAD=")]
    return {line: "\n".join([*variables, line]) for line in text if line not in variables}


@pytest.mark.parametrize("name", RUNBOOKS)
def test_each_command_of_a_runbook_runs(shell, name):
    for line, text in lines(name).items():
        if line not in UNTRIED:
            shell(text)


def test_what_cannot_be_tried_is_what_the_emulator_does_not_have(shell):
    every = {line: text for name in RUNBOOKS for line, text in lines(name).items()}
    for line, error in UNTRIED.items():
        with pytest.raises(AssertionError, match=error):
            shell(every[line])


def test_a_record_that_was_skipped_is_shown(shell, instances, workspace):
    instances.put(instanceID=f"{workspace}-1", workspaceID="org/team", processName="Loan")
    shown = eventually("the line", lambda: shell(commands(RUNBOOKS["RecordsUnreadable"]).splitlines()[0]).strip())
    assert 'attribute \\"workspaceID\\"' in shown or 'attribute "workspaceID"' in shown
    assert "this one has a / in it" in shown


def test_the_resources_and_outputs_are_found(shell, stack):
    assert shell("output FanoutFunctionName").strip() == stack.outputs["FanoutFunctionName"]
    assert shell("resource InstanceStreamMapping").strip() == stack.resources["InstanceStreamMapping"]
