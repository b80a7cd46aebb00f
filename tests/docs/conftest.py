"""The repository's documents, for the tests of this folder."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

FILES = [
    path
    for path in subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    if path and (ROOT / path).is_file()
]
DOCUMENTS = [path for path in FILES if path.endswith(".md")]


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def files():
    """Every file of the repository that git knows or would take."""
    return FILES


@pytest.fixture(scope="session")
def text():
    return {path: (ROOT / path).read_text() for path in DOCUMENTS}


def pytest_generate_tests(metafunc):
    if "document" in metafunc.fixturenames:
        metafunc.parametrize("document", DOCUMENTS)
