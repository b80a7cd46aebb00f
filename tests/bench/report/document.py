"""Assembles docs/performance.md: the machine, the targets, the measurements, and hand-written prose."""

import json
from pathlib import Path

from .digits import number
from .former import NOTHING, former, record
from .look import THEMES, rendered
from .markdown import paragraph, picture
from .sections import SECTIONS
from .targets import target_table, targets

# Written by hand, each its own section, in this order.
PROSE = ("hour", "limits", "tried")
PROSE_FOLDER = Path(__file__).parent / "prose"


def write(results, out):
    """Writes the document and its pictures; returns their paths."""
    folder = out / "performance"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "targets.json"
    published = json.loads(kept.read_text()) if kept.exists() else {**NOTHING, "former": NOTHING}
    machine = results.object("machine")
    before = former(published, machine)
    text, pictures = document(results, before)
    paths = [kept]
    kept.write_text(json.dumps(record(machine, targets(results), before), ensure_ascii=False, indent=2) + "\n")
    for drawn in pictures:
        for theme in THEMES:
            paths.append(folder / f"{drawn.name}-{theme.name}.svg")
            rendered(drawn, theme, paths[-1])
    (out / "performance.md").write_text(text)
    return [*paths, out / "performance.md"]


def document(results, before):
    """Returns the text, and its pictures."""
    parts = ["# Performance", *map(paragraph, _introduction(results)), "## Targets", *_before(before),
             target_table(results, before)]
    pictures = []
    for section in SECTIONS:
        title, *pieces = section(results)
        parts.append(f"## {title}")
        for piece in pieces:
            if isinstance(piece, str):
                parts.append(paragraph(piece))
            else:
                pictures.append(piece)
                parts.append(picture(piece.name, piece.alt))
    parts += [(PROSE_FOLDER / f"{name}.md").read_text().strip() for name in PROSE]
    return "\n\n".join(parts) + "\n", pictures


def _before(before):
    if before.commit:
        yield paragraph(
            f"\"Before\" is the run of {before.taken} at commit `{before.commit}`, on {before.cpu}; `–` where it had no such "
            "target.")


def _introduction(results):
    machine = results.object("machine")
    yield (
        f"Taken on {machine['taken']} at commit `{machine['commit']}`, in {number(machine['duration_s'] / 60, 2)} "
        f"minutes, on {machine['cpu']}, {machine['cores']} cores, {number(machine['memory_mb'] / 1_000)} GB, "
        f"{machine['os']}, kernel {machine['kernel']}; Rust {machine['rust']}, Node {machine['node']}, Python "
        f"{machine['python']}. The load before it began was {number(machine['load_before'], 2)}."
    )
    if machine["scale"] != "whole":
        yield {
            "smoke": "**This was a smoke run: everything once and small. The figures mean nothing.**",
            "quick": "This was a quick run: fewer sizes, fewer rounds.",
        }[machine["scale"]]
    yield "```sh\nmake bench            # everything, three quarters of an hour\nmake bench QUICK=1    # five minutes\n```"
    yield (
        "Everything is a process of its own on one machine: what is measured is pinned to core 0; receivers, the "
        "embedded DynamoDB and the benchmark itself to core 1. Implementations take turns, round by round, so "
        "that whatever else the machine does meets all of them; a ratio compares two turns of the same round. "
        "Figures are medians; what stands in parentheses is the least and the most of the rounds. A batch of "
        "1,000 × 3 is 1,000 records, each to three URLs. \"Instance Webhooks\" is the built fan-out function "
        "with everything on but the log of what was delivered; \"with log\" writes that too, a DynamoDB item for "
        "each delivery. Node and Python are the handlers that one would write there, under Lambda's own runtime "
        "clients (`tests/bench/peers/`). The bare loops send the same GETs and do nothing else. Functions run "
        "under a Runtime API of the benchmark's; nothing here has run on AWS."
    )
