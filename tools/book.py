"""Lays the documents out for mdBook: a folder with `book.toml` and, below `src`, the documents at their paths in the
repository.

A link to a file that is not part of the book, such as source code, leads to the repository instead.

Usage: python3 tools/book.py FOLDER
"""

import posixpath
import re
import shutil
import subprocess
import sys
from pathlib import Path

from markdown import FENCE, links

ROOT = Path(__file__).resolve().parents[1]
SUMMARY = "docs/SUMMARY.md"
REPOSITORY = "https://github.com/instance-webhooks/instance-webhooks/blob/main"


def chapters(summary, folder="docs"):
    """Returns the documents of a table of contents, as paths in the repository, in its order."""
    return [posixpath.normpath(posixpath.join(folder, target)) for _, target in links(summary)]


def resolved(document, target):
    """Returns the path in the repository that a link of a document leads to, and its anchor; None for an address."""
    if re.match(r"[a-z][a-z0-9+.-]*:", target):
        return None
    path, _, anchor = target.partition("#")
    return posixpath.normpath(posixpath.join(posixpath.dirname(document), path)) if path else document, anchor


def relinked(document, text, included):
    """Returns the text with each link to a file outside of the book replaced by its address in the repository."""

    def replaced(match):
        found = resolved(document, match[2])
        if found is None or found[0] in included:
            return match[0]
        path, anchor = found
        return f"{match[1]}{REPOSITORY}/{path}{'#' + anchor if anchor else ''}{match[3]}"

    parts, end = [], 0
    for code in [*FENCE.finditer(text), None]:
        prose = text[end : code.start() if code else len(text)]
        parts.append(re.sub(r"(\]\()([^)\s]+)(\))", replaced, prose))
        if code:
            parts.append(code[0])
            end = code.end()
    return "".join(parts)


def summary_at_root(summary):
    """Returns the table of contents for the folder above its own."""
    return re.sub(r"\]\(([^)]+)\)", lambda match: f"]({posixpath.normpath(posixpath.join('docs', match[1]))})", summary)


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for path in listed.split("\0") if path]


def main():
    folder = Path(sys.argv[1])
    summary = (ROOT / SUMMARY).read_text()
    documents = chapters(summary)
    pictures = [path for path in tracked() if path.startswith("docs/") and path.endswith((".png", ".svg"))]
    included = {*documents, *pictures}
    shutil.rmtree(folder, ignore_errors=True)
    for path in documents:
        file = folder / "src" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(relinked(path, (ROOT / path).read_text(), included))
    for path in pictures:
        file = folder / "src" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, file)
    (folder / "src/SUMMARY.md").write_text(summary_at_root(summary))
    shutil.copyfile(ROOT / "docs/book.toml", folder / "book.toml")


if __name__ == "__main__":
    main()
