"""A release made of programs that need not run: what is tested is what it is made of."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from release import bundle  # noqa: E402
from release.__main__ import ARCHITECTURES, FUNCTIONS  # noqa: E402

VERSION = "0.0.0"
PREFIX = f"instance-webhooks-{VERSION}/"


@pytest.fixture(scope="session")
def programs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("programs")
    built = {arch: {name: folder / arch / name for name in FUNCTIONS} for arch in ARCHITECTURES}
    for arch, files in built.items():
        (folder / arch).mkdir()
        for name, path in files.items():
            path.write_text(f"{name} for {arch}")
    return built


@pytest.fixture(scope="session")
def keys(programs, release):
    return bundle.functions(release, programs)


@pytest.fixture(scope="session")
def release(tmp_path_factory, programs):
    folder = tmp_path_factory.mktemp("release")
    bundle.templates(folder, bundle.functions(folder, programs), VERSION)
    bundle.sums(folder)
    return folder
