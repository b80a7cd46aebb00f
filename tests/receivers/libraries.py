"""The libraries of the Standard Webhooks project, as receivers use them."""

import json
import subprocess
from pathlib import Path

from conftest import tool
from patience import PATIENCE
from standardwebhooks import Webhook, WebhookVerificationError

HERE = Path(__file__).parent


def python(secret, arrivals):
    """PyPI's, on each of them: whether it verifies."""
    webhook = Webhook(secret)

    def verifies(arrival):
        try:
            webhook.verify(arrival.target, arrival.headers, json_parse=False)
        except WebhookVerificationError:
            return False
        return True

    return [verifies(it) for it in arrivals]


def node(secret, arrivals):
    """npm's."""
    assert (HERE / "node_modules/standardwebhooks").is_dir(), "no node_modules: `make test-receivers` installs them"
    requests = [{"target": it.target, "headers": it.headers} for it in arrivals]
    done = subprocess.run(
        [tool("node", "install Node 20 or later"), HERE / "verify.mjs"],
        input=json.dumps({"secret": secret, "requests": requests}), capture_output=True, text=True, timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


LIBRARIES = [python, node]
