"""What comes from npm: the console, which is shipped, and tools and libraries of the tests, which are not."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ["console", "docs/deploy/cdk", "tests/bench/peers/node", "tests/console", "tests/receivers"]

# What may be part of the files that people load: permissive, and nothing that asks for our source.
SHIPPED = {"MIT", "Apache-2.0", "ISC", "BSD-2-Clause", "BSD-3-Clause", "0BSD"}


def read(folder, name):
    return json.loads((ROOT / folder / name).read_text())


def locked(folder):
    packages = read(folder, "package-lock.json")["packages"]
    return {path: package for path, package in packages.items() if path}


def test_these_are_all_folders_with_a_manifest():
    manifests = {path.parent.relative_to(ROOT).as_posix() for path in ROOT.glob("**/package.json") if "node_modules" not in path.parts}
    assert {path for path in manifests if not path.startswith(("target", "."))} == set(FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_version_is_exact(folder):
    manifest = read(folder, "package.json")
    asked = manifest.get("dependencies", {}) | manifest.get("devDependencies", {})
    assert asked
    for name, version in asked.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name} {version}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_package_has_a_checksum_and_no_address(folder):
    for path, package in locked(folder).items():
        if package.get("inBundle"):
            continue  # a part of the archive of the package that it is in, whose checksum it is under
        assert re.fullmatch(r"sha512-[\w+/]{86}==", package["integrity"]), path
        assert "resolved" not in package, path


@pytest.mark.parametrize("folder", FOLDERS)
def test_nothing_is_run_while_it_is_installed(folder):
    assert "ignore-scripts=true" in (ROOT / folder / ".npmrc").read_text().splitlines()


def test_what_is_shipped_is_under_a_permissive_licence():
    shipped = {path: package for path, package in locked("console").items() if not package.get("dev")}
    assert len(shipped) > 10
    for path, package in shipped.items():
        licences = set(re.findall(r"[\w.-]+", package["license"])) - {"AND", "OR"}
        assert licences <= SHIPPED, f"{path}: {package['license']}"
