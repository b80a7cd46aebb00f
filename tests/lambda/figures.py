"""The sizes of the functions that a review has accepted. As a program it writes those of the current build."""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tools"))

from emulator import ARCHITECTURE, built  # noqa: E402

FIGURES = HERE / "sizes.json"
FUNCTIONS = {"api": "ApiFunction", "console": "ConsoleFunction", "fanout": "FanoutFunction", "retry": "RetryFunction"}


def committed():
    """Returns the committed sizes in bytes, by architecture and function."""
    return json.loads(FIGURES.read_text())


def size(name):
    return built(FUNCTIONS[name]).stat().st_size


if __name__ == "__main__":
    before = committed() if FIGURES.exists() else {}
    figures = before | {ARCHITECTURE: {name: size(name) for name in FUNCTIONS}}
    FIGURES.write_text(json.dumps(figures, indent=2) + "\n")
    for name, now in figures[ARCHITECTURE].items():
        then = before.get(ARCHITECTURE, {}).get(name, now)
        print(f"{name:8} {now:10,} bytes  {100 * (now - then) / then:+.1f} %")
