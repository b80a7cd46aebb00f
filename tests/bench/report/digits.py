"""Figures as people read them: no more digits than they are worth. What is not known is a dash."""

from math import floor, log10

UNKNOWN = "–"


def number(value, digits=3):
    """So many significant digits, thousands separated."""
    if value is None:
        return UNKNOWN
    if value == 0:
        return "0"
    places = digits - 1 - floor(log10(abs(value)))
    rounded = round(value, places)
    # 9.996 has become 10.00, which is a digit too many.
    places = digits - 1 - floor(log10(abs(rounded)))
    return f"{rounded:,.{max(places, 0)}f}"


def count(value):
    """Exact, thousands separated."""
    return UNKNOWN if value is None else f"{round(value):,}"


def amount(value):
    """Of what is counted, on average: whole numbers as they are."""
    return count(value) if value is None or value == round(value) else number(value)


def milliseconds(value):
    """From a second on to the millisecond: a batch is not much longer than its receiver takes."""
    return count(value) if value is not None and value >= 1_000 else number(value)


def spread(figure):
    """A median with what was least and most."""
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
    """Of a number of bytes."""
    return number(size / 1e6)


def batch(records, urls):
    return f"{records:,} × {urls}"
