"""Pieces of Markdown."""

import re

FIGURE = re.compile(r"^(\*\*)?[$–]?[\d–]")


def table(headers, rows):
    """Columns of figures stand to the right."""
    sides = ["---:" if all(FIGURE.match(row[at]) for row in rows) else "---" for at in range(len(headers))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [headers, sides, *rows])


def picture(name, alt):
    """A picture for a light page, another for a dark one."""
    alt = alt.replace('"', "&quot;")
    return (
        f'<picture><source media="(prefers-color-scheme: dark)" srcset="performance/{name}-dark.svg">'
        f'<img alt="{alt}" src="performance/{name}-light.svg"></picture>'
    )
