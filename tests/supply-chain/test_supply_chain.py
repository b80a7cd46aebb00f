"""What is built in comes from where it should, as it was when it was looked at, and holds no unsafe code of ours."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"


def toml(path):
    return tomllib.loads((ROOT / path).read_text())


WORKSPACE = toml("Cargo.toml")["workspace"]
LOCKED = toml("Cargo.lock")["package"]
DENY = toml("deny.toml")


@pytest.mark.parametrize("member", WORKSPACE["members"])
def test_every_member_inherits_the_lints_which_forbid_unsafe_code(member):
    manifest = toml(f"{member}/Cargo.toml")
    assert manifest["lints"] == {"workspace": True}
    assert manifest["package"]["publish"] == {"workspace": True}


def test_unsafe_code_is_forbidden_which_nothing_can_allow_again():
    assert WORKSPACE["lints"]["rust"]["unsafe_code"] == "forbid"


def test_every_manifest_is_a_members():
    manifests = {path.parent.relative_to(ROOT).as_posix() for path in ROOT.glob("*/Cargo.toml")}
    manifests |= {path.parent.relative_to(ROOT).as_posix() for path in ROOT.glob("*/*/Cargo.toml")}
    assert {path for path in manifests if not path.startswith(("target", "."))} == set(WORKSPACE["members"])


def test_every_crate_that_is_not_ours_is_from_the_registry_and_has_a_checksum():
    for package in LOCKED:
        if "source" in package:
            assert package["source"] == REGISTRY, package["name"]
            assert re.fullmatch("[0-9a-f]{64}", package["checksum"]), package["name"]
    own = {package["name"] for package in LOCKED if "source" not in package}
    assert own == {toml(f"{member}/Cargo.toml")["package"]["name"] for member in WORKSPACE["members"]}


def test_cargo_deny_refuses_other_sources_wildcards_and_what_was_yanked():
    assert DENY["sources"]["unknown-registry"] == DENY["sources"]["unknown-git"] == "deny"
    assert DENY["sources"].get("allow-git", []) == []
    assert DENY["bans"]["wildcards"] == "deny"
    assert DENY["advisories"]["yanked"] == "deny"
    assert DENY["advisories"].get("ignore", []) == []


def test_no_licence_is_allowed_that_asks_for_our_source():
    copyleft = re.compile("GPL|MPL|EPL|CDDL|OSL|EUPL|SSPL|BUSL")
    assert [name for name in DENY["licenses"]["allow"] if copyleft.search(name)] == []


def test_the_compiler_is_pinned_to_the_release_that_the_crates_ask_for():
    toolchain = toml("rust-toolchain.toml")["toolchain"]
    assert re.fullmatch(re.escape(WORKSPACE["package"]["rust-version"]) + r"\.\d+", toolchain["channel"])
    assert set(toolchain["components"]) == {"clippy", "rustfmt"}


def test_every_action_of_ci_is_pinned_to_a_commit_and_gets_no_more_than_reading():
    workflows = sorted((ROOT / ".github/workflows").glob("*.yml"))
    assert workflows
    for path in workflows:
        text = path.read_text()
        for used in re.findall(r"uses: *(.+)", text):
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used), f"{path.name}: {used}"
        assert "permissions:\n  contents: read\n" in text, path.name
        image = f"rust:{toml('rust-toolchain.toml')['toolchain']['channel']}-bookworm"
        assert f"    container:\n      image: {image}\n" in text, path.name


REQUIREMENTS = ["tools/requirements.txt", "tools/requirements-checkov.txt", "tests/bench/requirements.txt"]


@pytest.mark.parametrize("path", REQUIREMENTS)
def test_every_python_tool_is_pinned_and_checked_against_a_hash(path):
    """With one hash in the file, pip wants one for everything that it installs."""
    text = (ROOT / path).read_text().replace("\\\n", " ")
    for line in filter(None, map(str.strip, text.splitlines())):
        assert line.startswith("#") or re.fullmatch(r"[\w.-]+(\[[\w,-]+\])?==[\w.]+( +--hash=sha256:[0-9a-f]{64})+", line), line
