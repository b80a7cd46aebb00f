"""Lists the targets of a Makefile that have a comment of their own: the lines above a target that begin with `##`.

Usage: python3 tools/make_help.py Makefile
"""

import re
import sys
import textwrap
from pathlib import Path

WIDTH = 110


def targets(makefile):
    """Returns the name and the comment of each documented target, in the order of the file."""
    found, comment = [], []
    for line in makefile.splitlines():
        if line.startswith("## "):
            comment.append(line[3:].strip())
        elif comment and (name := re.match(r"([a-z][\w-]*):(?!=)(?! export)", line)):
            found.append((name[1], " ".join(comment)))
            comment = []
        elif line.strip():
            comment = []
    return found


def listed(makefile):
    documented = targets(makefile)
    column = max(len(name) for name, _ in documented) + 2
    for name, comment in documented:
        yield textwrap.fill(comment, WIDTH, initial_indent=name.ljust(column), subsequent_indent=" " * column)


if __name__ == "__main__":
    print("\n".join(listed(Path(sys.argv[1]).read_text())))
