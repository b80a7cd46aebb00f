"""Cold starts, and the sizes of the functions."""

from ..digits import megabytes, number
from ..look import NAMES, Picture, bars
from ..markdown import table
from ..results import FLOOR, NODE, OURS, PYTHON, REQWEST


def section(results):
    rows = results.rows("cold")
    yield "Cold start"
    yield (
        "From the start of a process to its first question for an event (init), and to its first answer, which "
        "for the fan-out functions is a record delivered to one URL; \"hello\" does nothing but answer, and the bare "
        "function is that of *Fan-out*. "
        f"{rows[0]['starts']} starts of each, in turn."
    )
    yield table(
        ["function", "init, ms", "first answer, ms", "least, ms", "binary, MB", "zip, MB"],
        [[_name(row["function"]), number(row["init_ms"]), number(row["first_ms"]), number(row["least_first_ms"]),
          *_sizes(results, row["function"])] for row in rows],
    )
    yield _picture(rows)


def _name(function):
    return NAMES.get(function, function)


def _sizes(results, function):
    size = results.sizes.get(function)
    return [megabytes(size["bytes"]), megabytes(size["zip_bytes"])] if size else ["–", "–"]


def _colour(function):
    """Returns the implementation's colour; grey for the function without work."""
    if function in ("hello (Rust)", FLOOR):
        return REQWEST
    return NODE if "Node" in function else PYTHON if "Python" in function else OURS


def _picture(rows):
    def draw(figure, theme):
        entries = [(_name(row["function"]), row["first_ms"], theme.colours[_colour(row["function"])],
                    number(row["first_ms"])) for row in rows]
        bars(figure.subplots(), entries, "from the start to the first answer, ms")

    seen = ", ".join(f"{_name(row['function'])} {number(row['first_ms'])} ms" for row in rows)
    return Picture("cold", f"From the start of a process to its first answer: {seen}.", 3.1, draw)
