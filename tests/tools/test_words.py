"""Which words the documents and the code do without, and that there are ever fewer of them."""

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from words import CEILINGS, WORDS, entries, folder, lowered, moved, pattern, places, verdict  # noqa: E402

ADVICE = entries((ROOT / WORDS).read_text())


def found(text):
    return list(places(text, pattern(ADVICE)))


def test_each_word_has_an_advice():
    assert {"nobody", "somebody", "whoever", "whom", "anew", "lest", "mend", "fares", "worked off", "came of", "set aside"} <= set(ADVICE)
    assert all(ADVICE.values())


@pytest.mark.parametrize("word", sorted(ADVICE))
def test_each_word_is_found(word):
    assert found(f"so {word}, then") == [(1, word)]


def test_a_word_is_found_in_names_and_in_upper_case_and_with_its_line():
    assert found("fn nobody_calls() {}\n// Whoever asks\nlet x = 1; // not for Nobody's sake") == [
        (1, "nobody"), (2, "whoever"), (3, "nobody"),
    ]


def test_a_phrase_is_found_across_lines_of_a_comment():
    assert found("/// What came\n    /// of it.\n# it is set\n# aside\nwhat_came_of_it") == [
        (1, "came of"), (3, "set aside"), (5, "came of"),
    ]


@pytest.mark.parametrize("text", ["amend, commend, mendacity", "welfares", "whomever", "came off", "molest", "canew", "a set\n\naside"])
def test_a_longer_word_is_another_word(text):
    assert found(text) == []


def test_files_are_counted_by_two_folders():
    assert folder("crates/engine/src/fanout/plan.rs") == "crates/engine"
    assert folder("docs/adr/0001-a.md") == "docs/adr"
    assert folder("docs/operations.md") == "docs"
    assert folder("README.md") == "README.md"


def test_more_words_than_the_ceiling_fail_and_so_do_fewer():
    ceilings = {"a": 2, "b": 2, "c": 2}
    assert verdict({"a": 2, "b": 2, "c": 2}, ceilings) == ({}, {})
    assert verdict({"a": 3, "b": 1, "d": 1}, ceilings) == ({"a": (3, 2), "d": (1, 0)}, {"b": (1, 2), "c": (0, 2)})


def test_a_ceiling_only_falls():
    assert lowered({"a": 3, "b": 1, "d": 9}, {"a": 2, "b": 2, "c": 2}) == {"a": 2, "b": 1}


def test_a_ceiling_goes_along_with_files_that_move():
    assert moved({"a": 1, "b": 3}, {"a": 3, "b": 1}, "a", "b") == {"a": 1, "b": 3}
    assert moved({"b": 2}, {"a": 2}, "a", "b") == {"b": 2}
    for counts in ({"a": 2, "b": 3}, {"a": 1, "b": 1}, {"a": 3, "b": 2}):
        with pytest.raises(ValueError, match="b has"):
            moved(counts, {"a": 3, "b": 1}, "a", "b")


def test_the_ceilings_are_positive_and_in_order():
    ceilings = json.loads((ROOT / CEILINGS).read_text())
    assert list(ceilings) == sorted(ceilings)
    assert all(count > 0 for count in ceilings.values())
