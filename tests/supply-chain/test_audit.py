"""`make audit` with a clone of the database of advisories, which is where no network is."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ADVISORY = """```toml
[advisory]
id = "RUSTSEC-2026-9999"
package = "{package}"
date = "2026-01-01"
license = "CC0-1.0"

[versions]
patched = []
```

# An example

Made by a test.
"""


@pytest.fixture
def database(tmp_path):
    """A database with one advisory, of the given crate."""

    def made(package):
        advisory = tmp_path / "crates" / package / "RUSTSEC-2026-9999.md"
        advisory.parent.mkdir(parents=True)
        advisory.write_text(ADVISORY.format(package=package))
        git = ["git", "-C", tmp_path, "-c", "user.name=test", "-c", "user.email=test@example.com"]
        for arguments in (["init", "--quiet", "--initial-branch=main"], ["add", "."], ["commit", "--quiet", "--message", "An example"]):
            subprocess.run([*git, *arguments], check=True)
        return tmp_path

    return made


def audit(database):
    command = ["make", "--silent", "audit", f"ADVISORY_DB={database}"]
    # What the caller's make was told is not meant for this one.
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)


def test_an_advisory_of_a_crate_that_is_built_in_fails_the_audit(database):
    done = audit(database("tokio"))
    assert done.returncode != 0
    assert "RUSTSEC-2026-9999" in done.stderr


def test_one_of_another_crate_does_not(database):
    done = audit(database("no-crate-of-ours"))
    assert done.returncode == 0, done.stderr


def test_a_path_that_is_no_database_is_an_error(tmp_path):
    assert audit(tmp_path / "none").returncode != 0
