"""The runbooks of docs/runbooks.md: one section an alarm, with its commands.

For the tests: of the sections, and of the commands on a deployed stack.
"""

import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs/runbooks.md"
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def definitions():
    """Returns the definitions that each runbook needs in its shell."""
    (block,) = BLOCK.findall(PAGE.read_text().split("\n## ")[0])
    return block


def sections():
    """Returns the text of each runbook by its alarm."""
    return {name: text for name, _, text in (part.partition("\n") for part in PAGE.read_text().split("\n## ")[1:])}


def commands(text):
    """Returns the commands of a runbook, in their order."""
    (block,) = BLOCK.findall(text)
    return block
