"""Writes the components of each function and of the local program to target/sbom/ARCHITECTURE, as CycloneDX 1.5, checked
against its schema.

For Linux on both architectures of a release.
"""

import json
import subprocess
import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).parents[1]
OUT = ROOT / "target/sbom"
PACKAGES = ["functions/api", "functions/console", "functions/fanout", "functions/retry", "local"]
TARGETS = {"arm64": "aarch64-unknown-linux-gnu", "x86_64": "x86_64-unknown-linux-gnu"}
NAME = "instance-webhooks-sbom"


def written(target):
    """Returns the documents of all packages, by package."""
    command = [ROOT / "target/tools/bin/cargo-cyclonedx", "cyclonedx", "--quiet", "--format", "json"]
    command += ["--spec-version", "1.5", "--target", target, "--override-filename", NAME]
    subprocess.run(command, check=True, cwd=ROOT)
    # The tool writes one beside each manifest of the workspace.
    files = {path.parent.relative_to(ROOT).as_posix(): path for path in ROOT.glob(f"*/**/{NAME}.json")}
    texts = {package: path.read_text() for package, path in files.items()}
    for path in files.values():
        path.unlink()
    return texts


def reproducible(text):
    """Returns a document that depends on the sources alone."""
    # The repository's path on the build machine does not belong in the document.
    document = json.loads(text.replace(f"file://{ROOT}", "file://"))
    document.pop("serialNumber", None)
    document["metadata"].pop("timestamp", None)
    return json.dumps(document, indent=1) + "\n"


def main():
    for architecture, target in TARGETS.items():
        texts = written(target)
        folder = OUT / architecture
        folder.mkdir(parents=True, exist_ok=True)
        for package in PACKAGES:
            text = reproducible(texts[package])
            if error := JsonStrictValidator(SchemaVersion.V1_5).validate_str(text):
                sys.exit(f"{package}: the bill of materials is not valid CycloneDX 1.5: {error}")
            path = folder / f"{package.replace('/', '-')}.cdx.json"
            path.write_text(text)
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
