"""The API as its own document describes it, called with requests that fit that document and requests that do not.

Schemathesis looks for: a 5xx response, a status, header or content type that is not documented, a body that does not
fit its schema, a call that should be rejected and is not, or the other way round. The seed is fixed, and so are the
calls.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import requests
from patience import LONG

HERE = Path(__file__).parent


def test_every_call_answers_as_documented_and_none_fails(program, tmp_path):
    config = tmp_path / "schemathesis.toml"
    known = {"workspaces": ["default"], "endpoints": program.endpoints, "deliveries": program.deliveries}
    dictionaries = "".join(f"\n[dictionaries.{name}]\nvalues = {json.dumps(values)}\n" for name, values in known.items())
    config.write_text((HERE / "schemathesis.toml").read_text() + dictionaries)
    command = [Path(sys.executable).parent / "schemathesis", "--no-color", "--config-file", config]
    command += ["run", f"{program.api}/openapi.json"]
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "hooks",
        "PYTHONPATH": str(HERE),
        "PYTHONDONTWRITEBYTECODE": "1",
        "API_FUZZ_RECEIVER": f"127.0.0.1:{program.closed_port}",
    }
    run = subprocess.run(command, env=environment, cwd=tmp_path, text=True, capture_output=True, timeout=LONG)
    assert run.returncode == 0, run.stdout + run.stderr
    selected, tested, cases = re.search(
        r"Selected: (\d+)/\d+\s+Tested: (\d+).*?(\d+) generated", run.stdout, re.DOTALL
    ).groups()
    assert selected == tested, "each call of the document"
    endpoints = requests.get(f"{program.api}/v1/workspaces/default/endpoints").json()["endpoints"]
    assert [it["endpointID"] for it in endpoints] == program.endpoints, "what the ids name was there all the time"
    print(f"{cases} calls of {tested} operations")
