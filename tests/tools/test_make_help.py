"""What `make help` lists."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from make_help import listed, targets  # noqa: E402

MAKEFILE = """\
A := 1
## Builds it.
## All of it
build: a b
\tcc

# Not for people.
a:
\ttouch a

## Sets a variable of its own
test: export A := 2
## Tests it
test: build
"""


def test_a_target_with_a_comment_of_its_own_is_listed():
    assert targets(MAKEFILE) == [("build", "Builds it. All of it"), ("test", "Tests it")]
    assert list(listed(MAKEFILE)) == ["build  Builds it. All of it", "test   Tests it"]


def test_each_target_that_the_documents_name_is_listed():
    known = {name for name, _ in targets((ROOT / "Makefile").read_text())}
    documents = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "docs/TESTING.md", "docs/operations.md", "docs/RELEASING.md")]
    command = re.compile(r"(?:`|^|&& )make ([a-z][\w-]+)", re.MULTILINE)
    named = {name for path in documents for name in command.findall(path.read_text())}
    assert len(named) > 20
    assert named <= known
