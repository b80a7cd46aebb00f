"""Writes the components of each function and of the local program to target/sbom, as CycloneDX 1.5, checked against its
schema.

For Linux on arm64, the platform of the deployment.
"""

import subprocess
import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).parents[1]
OUT = ROOT / "target/sbom"
PACKAGES = ["functions/api", "functions/console", "functions/fanout", "functions/retry", "local"]
NAME = "instance-webhooks-sbom"


def main():
    command = [ROOT / "target/tools/bin/cargo-cyclonedx", "cyclonedx", "--quiet", "--format", "json"]
    command += ["--spec-version", "1.5", "--target", "aarch64-unknown-linux-gnu", "--override-filename", NAME]
    subprocess.run(command, check=True, cwd=ROOT)
    # The tool writes one beside each manifest of the workspace.
    written = {path.parent.relative_to(ROOT).as_posix(): path for path in ROOT.glob(f"*/**/{NAME}.json")}
    # The repository's path on the build machine does not belong in the document.
    texts = {package: path.read_text().replace(f"file://{ROOT}", "file://") for package, path in written.items()}
    for path in written.values():
        path.unlink()
    OUT.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        if error := JsonStrictValidator(SchemaVersion.V1_5).validate_str(texts[package]):
            sys.exit(f"{package}: the bill of materials is not valid CycloneDX 1.5: {error}")
        target = OUT / f"{package.replace('/', '-')}.cdx.json"
        target.write_text(texts[package])
        print(target.relative_to(ROOT))


if __name__ == "__main__":
    main()
