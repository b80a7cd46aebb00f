"""Writes the report. `python -m report --help` lists the options."""

import argparse
import sys
import tempfile
from pathlib import Path

from .check import check
from .document import write
from .readme import NoMarkers, block, replaced
from .results import Results, Unusable
from .sizes import sizes

ROOT = Path(__file__).resolve().parents[3]


def arguments():
    parser = argparse.ArgumentParser(prog="report", description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=ROOT / "target/bench", metavar="DIR",
                        help="where the JSON files of a run are (target/bench)")
    parser.add_argument("--out", type=Path, default=ROOT / "docs", metavar="DIR",
                        help="performance.md and performance/*.svg are written there (docs)")
    parser.add_argument("--readme", type=Path, metavar="PATH", help="put the figures between this file's markers too")
    parser.add_argument("--check", action="store_true",
                        help="write nothing; fail if a row or column is missing, a count does not add up, or a figure "
                             "is no finite number")
    return parser.parse_args()


def main():
    asked = arguments()
    results = Results.load(asked.results, sizes(ROOT))
    if wrong := check(results):
        sys.exit("\n".join(wrong))
    # Read before any file is written, so that a README without markers leaves no half-written report.
    readme = replaced(asked.readme.read_text(), block(results)) if asked.readme else None
    if asked.check:
        with tempfile.TemporaryDirectory() as out:
            block(results)
            print(f"{len(write(results, Path(out)))} files could be written; nothing is missing")
        return
    for path in write(results, asked.out):
        print(path)
    if readme is not None:
        asked.readme.write_text(readme)


try:
    main()
except (Unusable, NoMarkers) as error:
    sys.exit(str(error))
