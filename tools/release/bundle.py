"""The folder of a release, made of built programs: the same programs give the same bytes."""

import hashlib
import io
import json
import zipfile

from .template import ROOT, binaries, packaged

# A Lambda archive is named by its content, so that an update of the stack notices every change.
DIGITS = 16
# The earliest time that an archive can have.
NO_TIME = (1980, 1, 1, 0, 0, 0)
EXECUTABLE = 0o755 << 16
SUMS = "SHA256SUMS"


def archive(program):
    """Returns the program as Lambda's archive of a custom runtime."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        entry = zipfile.ZipInfo("bootstrap", NO_TIME)
        entry.external_attr, entry.create_system, entry.compress_type = EXECUTABLE, 3, zipfile.ZIP_DEFLATED
        made.writestr(entry, program)
    return buffer.getvalue()


def write(folder, path, content):
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content if isinstance(content, bytes) else content.encode())


def functions(folder, programs):
    """Writes the archives of `programs`, files by architecture and name; returns their keys."""
    keys = {}
    for architecture, files in programs.items():
        for name, file in files.items():
            content = archive(file.read_bytes())
            digest = hashlib.sha256(content).hexdigest()[:DIGITS]
            key = f"functions/{architecture}/{name}-{digest}.zip"
            write(folder, key, content)
            keys.setdefault(architecture, {})[name] = key
    return keys


def templates(folder, keys, version):
    """Writes the template and those that it nests."""
    text = (ROOT / "template.yaml").read_text()
    missing = {name for name in binaries(text).values() for architecture in keys if name not in keys[architecture]}
    if missing:
        raise ValueError(f"no program was built for {', '.join(sorted(missing))}")
    write(folder, "template.json", json.dumps(packaged(text, keys, version), indent=1) + "\n")
    for nested in sorted((ROOT / "infra").glob("*.yaml")):
        write(folder, f"infra/{nested.name}", nested.read_bytes())


def contents(folder):
    """Returns the SHA-256 of each file, by its path, except for the list of these."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def sums(folder):
    """Writes the checksums, as `sha256sum --check` reads them."""
    lines = (f"{digest}  {path}\n" for path, digest in contents(folder).items())
    write(folder, SUMS, "".join(lines))
