"""Every link in the documents leads to something, and every path that they name is there."""

import posixpath
import re
from pathlib import PurePosixPath

from book import resolved
from markdown import anchors, links, spans

# A path as it stands in a code span: folders and a file's name. Without folders it may be any file's name.
PATH = re.compile(r"[\w.@-]+(?:/[\w.@-]+)+\.(?:rs|py|ts|tsx|mjs|md|json|ya?ml|toml|txt|svg|png)")

# Names of files that are made, or are not ours.
MADE = re.compile(r"target/.*|\.aws-sam/.*|.*/node_modules/.*|/.*")

MADE_FOLDERS = {"console/dist", "tests/console/results", "tests/console/results/screenshots"}

# What was written about the files of its day stays as it is.
HISTORY = re.compile(r"CHANGELOG\.md|docs/adr/0\d+.*")


def test_every_relative_link_leads_to_a_file_or_a_folder(document, text, files):
    folders = {parent.as_posix() for path in files for parent in PurePosixPath(path).parents}
    for line, target in links(text[document]):
        if (found := resolved(document, target)) and not target.startswith("//"):
            assert found[0] in folders or found[0] in files, f"{document}:{line}: {target} is not there"


def test_every_anchor_is_a_heading(document, text):
    for line, target in links(text[document]):
        found = resolved(document, target)
        if found and found[1]:
            path, anchor = found
            assert path in text, f"{document}:{line}: {target} has an anchor, and {path} is no document"
            assert anchor in anchors(text[path]), f"{document}:{line}: {path} has no heading with the anchor {anchor}"


def test_every_path_in_a_code_span_is_there(document, text, files):
    """A path may leave out the folders that it begins with."""
    if HISTORY.fullmatch(document):
        return
    ends = ["/" + path for path in files]
    beside = posixpath.dirname(document)
    for line, span in spans(text[document]):
        if PATH.fullmatch(span) and not MADE.fullmatch(span):
            there = any(path.endswith("/" + span) for path in ends) or posixpath.join(beside, span) in files
            assert there, f"{document}:{line}: there is no file {span}"


def test_every_folder_in_a_code_span_is_there(document, text, files):
    """Those that begin with a folder at the root."""
    if HISTORY.fullmatch(document):
        return
    folders = {parent.as_posix() for path in files for parent in PurePosixPath(path).parents}
    roots = {path.split("/")[0] for path in files if "/" in path}
    for line, span in spans(text[document]):
        if re.fullmatch(r"[\w.-]+(/[\w-]+)+/?", span) and span.split("/")[0] in roots and span not in MADE_FOLDERS:
            assert span.rstrip("/") in folders or span in files or any(path.startswith(span) for path in files), (
                f"{document}:{line}: there is no folder {span}"
            )


def test_a_broken_link_would_be_found(files):
    """The helpers see links, pictures and anchors where Markdown has them, and none in code."""
    sample = (
        "# One `two`\n# One two\n[a](x.md#b) ![c](y.png)\n```\n[no](z.md)\n```\n`[no](z.md)` <img src=\"w.svg\">\n"
        "[![d](p.png)](q.md)\n"
    )
    assert list(links(sample)) == [(3, "x.md#b"), (3, "y.png"), (8, "p.png"), (8, "q.md"), (7, "w.svg")]
    assert anchors(sample) == {"one-two", "one-two-1"}
    assert resolved("docs/a.md", "../b.md#c") == ("b.md", "c")
    assert resolved("docs/a.md", "#c") == ("docs/a.md", "c")
    assert resolved("docs/a.md", "https://a.example/b.md") is None
    assert list(spans("a `b/c.rs` ``d`e``\n```\n`f`\n```\n`g`")) == [(1, "b/c.rs"), (1, "d`e"), (5, "g")]
