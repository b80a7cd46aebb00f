"""Makes a release of built programs: python -m release VERSION --programs FOLDER --sbom FOLDER --out FOLDER"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from . import bundle, notes, provenance
from .template import ROOT, name_of

PROGRAM = "instance-webhooks"
FUNCTIONS = ("api", "console", "fanout", "retry")
ARCHITECTURES = ("arm64", "x86_64")
# What pins everything that is built in.
SOURCES = ("Cargo.lock", "console/package-lock.json", "rust-toolchain.toml", "template.yaml")


def output(*command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def make(version, programs, sbom, out):
    notes.checked(version, (ROOT / "Cargo.toml").read_text())
    if "-" not in version and (changed := output("git", "status", "--porcelain")):
        raise ValueError(f"a release is of a commit, and these files are not committed:\n{changed}")
    folder = out / name_of(version)
    shutil.rmtree(folder, ignore_errors=True)
    built = {arch: {it: programs / arch / it / "bootstrap" for it in FUNCTIONS} for arch in ARCHITECTURES}
    bundle.templates(folder, bundle.functions(folder, built), version)
    for architecture in ARCHITECTURES:
        program = programs / architecture / PROGRAM / "bootstrap"
        bundle.write(folder, f"bin/{PROGRAM}-linux-{architecture}", program.read_bytes())
    for bill in sorted(sbom.glob("*/*.json")):
        bundle.write(folder, f"sbom/{bill.parent.name}/{bill.name}", bill.read_bytes())
    bundle.write(folder, "NOTES.md", notes.section(version, (ROOT / "CHANGELOG.md").read_text()))
    bundle.write(folder, "LICENSE", (ROOT / "LICENSE").read_bytes())
    made = provenance.statement(
        bundle.contents(folder), version, output("git", "rev-parse", "HEAD"),
        {path: (ROOT / path).read_bytes() for path in SOURCES},
        {"rustc": output("rustc", "--version"), "cargo-lambda": output("cargo", "lambda", "--version")},
    )
    bundle.write(folder, "provenance.intoto.jsonl", provenance.line(made))
    bundle.sums(folder)
    return folder


def main():
    arguments = argparse.ArgumentParser(prog="release", description=__doc__)
    arguments.add_argument("version")
    for name in ("--programs", "--sbom", "--out"):
        arguments.add_argument(name, type=Path, required=True)
    given = arguments.parse_args()
    try:
        print(make(given.version, given.programs, given.sbom, given.out))
    except (ValueError, FileNotFoundError) as error:
        sys.exit(f"release: {error}")


if __name__ == "__main__":
    main()
