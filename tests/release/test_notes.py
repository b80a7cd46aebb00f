"""Version and notes of a release, and where it comes from."""

import pytest

from conftest import ROOT
from release import notes, provenance

CARGO = '[workspace.package]\nversion = "0.2.0"\n'
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n### Added\n- Next.\n\n## [0.2.0] - 2026-12-01\n\n### Added\n- This.\n\n## [0.1.0]\n\n- First.\n"


def test_the_version_is_that_of_the_sources():
    for version in ("0.2.0", "0.2.0-rc.1"):
        assert notes.checked(version, CARGO) == version
    for version, reason in {"0.3.0": "version 0.2.0, not 0.3.0", "v0.2.0": "is no version", "": "is no version", "0.2": "is no version"}.items():
        with pytest.raises(ValueError, match=reason):
            notes.checked(version, CARGO)
    assert notes.checked(own(), (ROOT / "Cargo.toml").read_text())


def own():
    return next(line.split('"')[1] for line in (ROOT / "Cargo.toml").read_text().splitlines() if line.startswith("version = "))


def test_the_notes_are_the_versions_section():
    assert notes.section("0.2.0", CHANGELOG) == "# Instance Webhooks 0.2.0\n\n### Added\n- This.\n"
    assert "Next." in notes.section("0.2.0-rc.1", CHANGELOG)
    with pytest.raises(ValueError, match=r"no section \[0.3.0\]"):
        notes.section("0.3.0", CHANGELOG)


def test_the_statement_names_every_file_and_the_commit():
    made = provenance.statement({"a": "1", "b": "2"}, "0.2.0", "c0ffee", {"Cargo.lock": b"x"}, {"rustc": "rustc 1"})
    assert made["_type"] == "https://in-toto.io/Statement/v1"
    assert made["predicateType"] == "https://slsa.dev/provenance/v1"
    assert made["subject"] == [{"name": "a", "digest": {"sha256": "1"}}, {"name": "b", "digest": {"sha256": "2"}}]
    definition = made["predicate"]["buildDefinition"]
    assert definition["externalParameters"] == {"version": "0.2.0"}
    commit, lock = definition["resolvedDependencies"]
    assert commit["digest"] == {"gitCommit": "c0ffee"}
    assert lock["name"] == "Cargo.lock"
    assert set(made["predicate"]["runDetails"]) == {"builder"}, "a time would make two builds differ"
    assert provenance.line(made).count("\n") == 1
