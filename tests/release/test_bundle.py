"""The files of a release: the same programs give the same bytes, and each change another name and another sum."""

import subprocess
import zipfile

import pytest

from conftest import VERSION
from release import bundle


def test_the_same_programs_give_the_same_bytes(release, programs, tmp_path):
    bundle.templates(tmp_path, bundle.functions(tmp_path, programs), VERSION)
    assert bundle.contents(tmp_path) == bundle.contents(release)


def test_an_archive_has_an_executable_bootstrap(release, keys):
    with zipfile.ZipFile(release / keys["arm64"]["api"]) as archive:
        (entry,) = archive.infolist()
        assert entry.filename == "bootstrap"
        assert entry.external_attr >> 16 & 0o111 == 0o111
        assert archive.read(entry) == b"api for arm64"


def test_another_program_has_another_name(release, keys, programs, tmp_path):
    changed = tmp_path / "api"
    changed.write_text("changed")
    other = bundle.functions(tmp_path, programs | {"arm64": programs["arm64"] | {"api": changed}})
    assert other["arm64"]["api"] != keys["arm64"]["api"]
    assert other["arm64"]["fanout"] == keys["arm64"]["fanout"]


def test_the_sums_are_what_sha256sum_checks(release):
    check = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    subprocess.run(check, cwd=release, check=True)
    listed = {line.split("  ", 1)[1] for line in (release / "SHA256SUMS").read_text().splitlines()}
    assert listed == set(bundle.contents(release))
    changed = release / "infra/sign-in.yaml"
    text = changed.read_bytes()
    changed.write_bytes(text + b"\n")
    assert subprocess.run(check, cwd=release, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0
    changed.write_bytes(text)


def test_a_function_without_a_program_is_an_error(programs, tmp_path):
    without = {arch: {name: path for name, path in files.items() if name != "retry"} for arch, files in programs.items()}
    with pytest.raises(ValueError, match="no program was built for retry"):
        bundle.templates(tmp_path, bundle.functions(tmp_path, without), VERSION)
