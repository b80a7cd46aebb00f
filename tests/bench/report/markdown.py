"""Parts of a Markdown document."""

import re
import textwrap

# Short, and begins with a digit.
FIGURE = re.compile(r"^[$]?[\d–].{0,22}$")


def table(headers, rows):
    """Returns a table whose columns of figures are right-aligned."""
    sides = ["---:" if all(FIGURE.match(row[at]) for row in rows) else "---" for at in range(len(headers))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [headers, sides, *rows])


def paragraph(text):
    """Wraps lines to a readable length; a table or code stays as it is."""
    return text if text.startswith(("|", "```")) else textwrap.fill(text, 118, break_on_hyphens=False)


def picture(name, alt):
    """Returns a picture for a light page, with another for a dark one."""
    alt = alt.replace('"', "&quot;")
    return (
        f'<picture><source media="(prefers-color-scheme: dark)" srcset="performance/{name}-dark.svg">'
        f'<img alt="{alt}" src="performance/{name}-light.svg"></picture>'
    )
