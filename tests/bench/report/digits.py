"""Figures for readers: no more digits than are significant. An unknown value is a dash."""

from math import floor, log10

UNKNOWN = "–"


def number(value, digits=3):
    """Formats to this number of significant digits, thousands separated."""
    if value is None:
        return UNKNOWN
    if value == 0:
        return "0"
    places = digits - 1 - floor(log10(abs(value)))
    rounded = round(value, places)
    # 9.996 has become 10.00, which has a digit too many.
    places = digits - 1 - floor(log10(abs(rounded)))
    return f"{rounded:,.{max(places, 0)}f}"


def count(value):
    """Formats exactly, thousands separated."""
    return UNKNOWN if value is None else f"{round(value):,}"


def amount(value):
    """Formats an average of counts: whole numbers without decimals."""
    return count(value) if value is None or value == round(value) else number(value)


def milliseconds(value):
    """Formats to the millisecond from one second on: a batch is only slightly longer than its receiver takes."""
    return count(value) if value is not None and value >= 1_000 else number(value)


def spread(figure):
    """Formats a median with minimum and maximum."""
    if figure is None or None in figure.values():
        return UNKNOWN
    if figure["least"] == figure["most"]:
        return amount(figure["median"])
    return f"{number(figure['median'])} ({number(figure['least'])}–{number(figure['most'])})"


def percent(share):
    return UNKNOWN if share is None else f"{amount(round(100 * share, 9))} %"


def dollars(value):
    return UNKNOWN if value is None else f"${number(value)}"


def megabytes(size):
    """Formats a number of bytes."""
    return number(size / 1e6)


def batch(records, urls):
    return f"{records:,} × {urls}"
