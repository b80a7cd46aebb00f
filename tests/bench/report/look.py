"""The look of the pictures: colours, and their shared parts.

An implementation has the same hue in every picture, and every bar and line has its name beside it, so that readers need
not distinguish colours. The background is transparent.
"""

from collections.abc import Callable
from dataclasses import dataclass

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from .results import (
    FLOOR, HYPER, LOGGED, MOST_IN_FLIGHT, NODE, OURS, PYTHON, REQWEST, WITH_HEADERS, WITH_SETTINGS,
)

NAIVE = "naive"
NAMES = {
    OURS: "Instance Webhooks", LOGGED: "Instance Webhooks with log",
    WITH_SETTINGS: "Instance Webhooks with settings", NODE: "Node", PYTHON: "Python",
    MOST_IN_FLIGHT: "bare reqwest loop, 128 in flight", WITH_HEADERS: "bare reqwest loop with headers",
    FLOOR: "bare function", REQWEST: "bare reqwest loop", HYPER: "bare hyper loop", NAIVE: "naive handler",
}
DASHES = {LOGGED: (0, (5, 2)), WITH_SETTINGS: (0, (1, 1)), HYPER: (0, (2, 2))}
WIDTH = 7.2


@dataclass(frozen=True)
class Theme:
    name: str
    ink: str
    muted: str
    grid: str
    colours: dict
    # For other things than implementations: resources, parts of a bill.
    palette: tuple


LIGHT = Theme(
    "light", "#1f2328", "#59636e", "#d1d9e0",
    {OURS: "#0072b2", LOGGED: "#4a9bd0", WITH_SETTINGS: "#7fb8dd", NODE: "#c05000", PYTHON: "#00806a", REQWEST: "#5f6670", HYPER: "#8a919b",
     NAIVE: "#8250a0"},
    ("#0072b2", "#c05000", "#00806a", "#a8437f", "#8a6a00", "#5f6670"),
)
DARK = Theme(
    "dark", "#e6edf3", "#9aa4af", "#3d444d",
    {OURS: "#56b4e9", LOGGED: "#2f86c4", WITH_SETTINGS: "#1f6296", NODE: "#f0883e", PYTHON: "#3cc9a7", REQWEST: "#a9b1bb", HYPER: "#7d858f",
     NAIVE: "#c297e8"},
    ("#56b4e9", "#f0883e", "#3cc9a7", "#e08fc0", "#e0c04a", "#a9b1bb"),
)
THEMES = (LIGHT, DARK)


@dataclass(frozen=True)
class Picture:
    """A picture. `draw(figure, theme)` draws it; `alt` describes it, with the figures; `height` is in inches."""

    name: str
    alt: str
    height: float
    draw: Callable


def rendered(picture, theme, path):
    """Writes the picture to the path, the same for the same figures."""
    settings = {
        "svg.fonttype": "none", "svg.hashsalt": picture.name, "font.family": "sans-serif", "font.size": 10,
        "text.color": theme.ink, "axes.labelcolor": theme.muted, "axes.edgecolor": theme.grid,
        "xtick.color": theme.muted, "ytick.color": theme.ink, "grid.color": theme.grid, "axes.titlecolor": theme.ink,
        "axes.titlesize": 10, "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.labelsize": 9,
        "xtick.labelsize": 9, "ytick.labelsize": 9, "legend.frameon": False,
    }
    with matplotlib.rc_context(settings):
        figure = Figure(figsize=(WIDTH, picture.height), layout="constrained")
        FigureCanvasSVG(figure)
        picture.draw(figure, theme)
        figure.savefig(path, transparent=True, metadata={"Date": None, "Creator": None})


def plain(axes, grid="x"):
    """Removes the box, and draws faint lines behind."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis=grid, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, which="both")


def bars(axes, entries, label):
    """Draws horizontal bars from the top: (name, value, colour, text beside it). No bar for None."""
    largest = max((value for _, value, _, _ in entries if value is not None), default=1)
    for at, (_, value, colour, text) in enumerate(entries):
        if value is not None:
            axes.barh(at, value, color=colour, height=0.68)
        axes.text((value or 0) + largest * 0.012, at, text, va="center", fontsize=9)
    axes.set_yticks(range(len(entries)), [name for name, _, _, _ in entries])
    axes.set_ylim(len(entries) - 0.4, -0.6)
    # Room for the text beside the longest bar.
    axes.set_xlim(0, largest * 1.2)
    axes.set_xlabel(label)
    # Every bar has its figure beside it.
    axes.set_xticks([])
    plain(axes)
    axes.spines["bottom"].set_visible(False)


def thousands(axis):
    """Formats the figures of an axis as in a text; an axis of less than two powers of ten also has those between
    them."""
    least, most = axis.get_view_interval()
    if isinstance(axis.get_major_locator(), LogLocator) and most / least < 100:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}")
    axis.set_minor_formatter(lambda value, _: "")


def lines(axes, entries):
    """Draws lines with their names at their ends: (name, xs, ys, colour, dashes). Scales must be set before."""
    ends = []
    for at, (name, xs, ys, colour, dashes) in enumerate(entries):
        points = [(x, y) for x, y in zip(xs, ys) if y is not None]
        if not points:
            continue
        axes.plot(*zip(*points), color=colour, linestyle=dashes, linewidth=1.8, marker="osD^vP"[at % 6], markersize=4)
        ends.append((name, points[-1], colour))
    _names(axes, ends)


def _names(axes, ends, gap=0.085):
    """Writes the names at the right edge, as near to the line's end as the other names allow."""
    to_axes = axes.transData + axes.transAxes.inverted()
    wanted = sorted((*reversed(to_axes.transform(point)), name, colour) for name, point, colour in ends)
    for height, (end, at, name, colour) in zip(spaced([end for end, *_ in wanted], gap), wanted):
        axes.plot([at, 1.03], [end, height], transform=axes.transAxes, color=colour, linewidth=0.8, clip_on=False)
        axes.text(1.04, height, name, transform=axes.transAxes, va="center", fontsize=9)


def spaced(heights, gap):
    """Returns sorted heights between 0 and 1, moved as little as needed for this gap between each and the next."""
    placed = []
    for height in heights:
        placed.append(max(height, placed[-1] + gap) if placed else height)
    # Heights that were moved beyond the top move the others down again.
    limit = 1.0
    for at in reversed(range(len(placed))):
        placed[at] = min(placed[at], limit)
        limit = placed[at] - gap
    return placed
