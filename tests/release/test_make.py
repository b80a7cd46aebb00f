"""A release as a whole, of programs that need not run."""

import json
import os
import subprocess
import sys

import pytest

from conftest import ROOT
from release.__main__ import ARCHITECTURES, FUNCTIONS, PROGRAM

# A rehearsal: a release itself asks for a tree without changes.
VERSION = next(line.split('"')[1] for line in (ROOT / "Cargo.toml").read_text().splitlines() if line.startswith("version = ")) + "-rc.1"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    for architecture in ARCHITECTURES:
        for name in (*FUNCTIONS, PROGRAM):
            program = folder / "programs" / architecture / name / "bootstrap"
            program.parent.mkdir(parents=True)
            program.write_text(f"{name} for {architecture}")
        bill = folder / "sbom" / architecture / "local.cdx.json"
        bill.parent.mkdir(parents=True)
        bill.write_text("{}")
    return folder


def made(built, out, version=VERSION):
    command = [sys.executable, "-m", "release", version, "--programs", built / "programs", "--sbom", built / "sbom", "--out", out]
    path = f"{ROOT / '.venv/bin'}:{os.environ['PATH']}"
    return subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT / "tools"), "PATH": path}, capture_output=True, text=True)


def test_two_releases_of_the_same_programs_are_the_same(built, tmp_path):
    for out in ("first", "second"):
        done = made(built, tmp_path / out)
        assert done.returncode == 0, done.stderr
    assert subprocess.run(["diff", "--recursive", tmp_path / "first", tmp_path / "second"]).returncode == 0
    folder = tmp_path / "first" / f"instance-webhooks-{VERSION}"
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
    statement = json.loads((folder / "provenance.intoto.jsonl").read_text())
    named = {it["name"] for it in statement["subject"]}
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files - named == {"provenance.intoto.jsonl", "SHA256SUMS"}
    assert {f"bin/instance-webhooks-linux-{it}" for it in ARCHITECTURES} <= files
    assert {f"sbom/{it}/local.cdx.json" for it in ARCHITECTURES} <= files


def test_a_version_that_is_not_the_sources_is_rejected_in_a_sentence(built, tmp_path):
    done = made(built, tmp_path, "99.0.0")
    assert done.returncode == 1
    assert done.stderr.startswith("release: the sources are of version "), done.stderr
    assert not list(tmp_path.iterdir())
