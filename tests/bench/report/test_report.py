"""The report's statements about figures, and the results that it rejects."""

from xml.etree import ElementTree

import pytest

from . import digits
from .check import check
from .document import document, write
from .former import NOTHING, Former, former, record
from .look import spaced
from .markdown import table
from .readme import NoMarkers, block, replaced
from .results import NODE, OURS, Results, Unusable, per_cpu_second
from .sample import results
from .targets import Target, target_table, targets

LARGEST_PICTURE = 60_000
NO_RUN = Former(**NOTHING)


@pytest.mark.parametrize("value, said", [
    (0, "0"), (0.08107, "0.0811"), (1.186, "1.19"), (9.996, "10.0"), (26.04, "26.0"), (999.6, "1,000"),
    (12_345, "12,300"), (None, "–"),
])
def test_a_figure_has_three_digits(value, said):
    assert digits.number(value) == said


def test_what_is_counted_is_said_in_full():
    assert digits.count(1_083_500) == "1,083,500"
    assert [digits.amount(value) for value in (3.0, 1_005.0, 2.5)] == ["3", "1,005", "2.50"]
    assert digits.milliseconds(1_002.4) == "1,002"


def test_shares_are_percents():
    assert [digits.percent(share) for share in (1.0, 0.9915, 0.1, 0)] == ["100 %", "99.2 %", "10 %", "0 %"]


def test_a_spread_stands_behind_its_median():
    assert digits.spread({"median": 1.19, "least": 1.111, "most": 1.52}) == "1.19 (1.11–1.52)"
    assert digits.spread({"median": 1.0, "least": 1.0, "most": 1.0}) == "1"
    assert digits.spread({"median": None, "least": None, "most": None}) == "–"


def test_only_columns_of_figures_stand_to_the_right():
    assert table(["what", "ms", "seen"], [["a", "1.5", "1 of 2 lost; others lost more"]]).splitlines()[1] \
        == "| --- | ---: | --- |"


def test_names_beside_lines_keep_apart():
    assert spaced([0.1, 0.5, 0.52, 0.99, 1.0], 0.1) == pytest.approx([0.1, 0.5, 0.6, 0.9, 1.0])


def test_a_plausible_run_reaches_every_target():
    assert [target.what for target in targets(results()) if not target.reached] == []


def missed(file, key, value, **wanted):
    """Returns the targets that are missed after one figure is changed."""
    measured = results()
    row = next(row for row in measured.files[file] if wanted.items() <= row.items())
    row[key] = value
    assert "**no**" in target_table(measured, NO_RUN)
    return [target.what for target in targets(measured) if not target.reached]


@pytest.mark.parametrize("file, key, value, wanted, what", [
    ("fanout", "cpu_to_reqwest", {"median": 1.26, "least": 1.2, "most": 1.3},
     {"implementation": OURS, "records": 1_000}, "CPU per delivery"),
    ("fanout", "rate_to_reqwest", {"median": 0.84, "least": 0.8, "most": 0.9},
     {"implementation": OURS, "records": 1_000}, "deliveries a second"),
    ("fanout", "cpu_to_reqwest", {"median": 3.1, "least": 3.0, "most": 3.2},
     {"implementation": OURS, "records": 10}, "CPU per delivery at most 3 × the bare reqwest loop's (10 × 1)"),
    ("billed", "batch_ms", 250.0, {"implementation": OURS}, "billed time"),
    ("latency", "p99_ms", 151.0, {"writes_per_s": 1_000}, "on one machine"),
    ("descriptors", "lost", 1, {"implementation": OURS}, "no delivery lost"),
    ("cold", "first_ms", 13.1, {"function": "fanout"}, "cold start"),
    ("memory", "peak_mb", 64.0, {"receiver": "never answers"}, "peak memory"),
    ("isolation", "share_of_changes", 0.94, {"hanging": 5, "phase": "recognised"}, "healthy endpoints"),
    ("isolation", "p99_ms", 28.0, {"hanging": 5, "phase": "recognised"}, "their p99"),
    ("isolation", "longest_hold_ms", 510.0, {"hanging": 5}, "no batch holds"),
    ("backlog", "per_s", 2_700.0, {"what": "drain"}, "a backlog of 10,000 drains"),
    ("backlog", "dynamodb_requests_per_1000", 81.0, {"what": "append"}, "at most 2 DynamoDB requests"),
    ("imperfect", "acknowledged", 999, {"case": "503 1 %"}, "every event to an imperfect receiver"),
    ("imperfect", "within", 0.978, {"case": "503 1 %"}, "no more events are late"),
    ("imperfect", "calls", 1_031, {"case": "503 1 %"}, "at most two more calls"),
    ("imperfect", "out_of_order", 1, {"case": "503 5 %, 25 instances"}, "the events of an instance"),
    ("imperfect", "p50_ms", 1_501.0, {"case": "answers after 3 s", "part": "itself"}, "a slow receiver's events"),
    ("imperfect", "most_ms", 10_001.0, {"case": "answers after 3 s", "part": "itself"}, "none of them waits"),
    ("imperfect", "p90_ms", 101.0, {"case": "hangs", "part": "beside"}, "the p90 of a fast receiver"),
    ("imperfect", "most_ms", 1_601.0, {"case": "hangs", "part": "beside"}, "none of its events later"),
    ("imperfect", "p99_ms", 37.0, {"case": "mixture", "part": "healthy"}, "the healthy endpoints' p99"),
])
def test_a_target_that_is_missed_says_no(file, key, value, wanted, what):
    (seen,) = missed(file, key, value, **wanted)
    assert seen.startswith(what)


def test_what_explains_a_target_stands_beside_it():
    measured = {target.what: target.measured for target in targets(results())}
    of = lambda what: next(text for name, text in measured.items() if name.startswith(what))  # noqa: E731
    # 0.024 of our CPU seconds by 0.024 of the loop with 128 in flight; 40,000 deliveries a second by 38,000.
    with_the_floor = "; the bare function {} ×; {} × the loop with 128 in flight".format
    assert of("CPU per delivery at most 1.25").endswith(with_the_floor("1.10 (0.990–1.21)", "1.00 (0.818–1.22)"))
    assert of("deliveries a second").endswith(with_the_floor("0.955 (0.859–1.05)", "1.05 (0.861–1.29)"))
    assert of("CPU per delivery at most 3").endswith("; the bare function 1.10 (0.990–1.21) ×")
    assert of("cold start").endswith("; the bare function 1.15 ×")
    assert of("their p99").endswith("; the bare function 1.00 ×")
    assert of("the healthy endpoints' p99").endswith("; with the others paused 1.07 ×")


def test_a_binary_that_is_too_large_says_no():
    measured = results()
    measured.sizes["fanout"] = {"bytes": 6_400_000, "zip_bytes": 3_100_000}
    assert "| the fan-out function's binary at most 6 MB | – | 6.40 MB | **no** |" in target_table(measured, NO_RUN)
    assert "| the fan-out function's zip at most 3 MB | – | 3.10 MB | **no** |" in target_table(measured, NO_RUN)


def test_what_took_no_tick_of_the_clock_is_not_judged():
    measured = results()
    for row in measured.files["fanout"]:
        row["cpu_to_reqwest"] = {"least": None, "median": None, "most": None}
    assert "(1,000 × 3) | – | – × | – |" in target_table(measured, NO_RUN)
    assert per_cpu_second({"cpu_s_per_1000": 0.0}) is None
    assert any("cpu_to_reqwest: least: None is no finite number" in wrong for wrong in check(measured))
    measured.files["machine"]["scale"] = "smoke"
    assert check(measured) == []
    document(measured, NO_RUN)


def test_a_missing_row_or_column_names_file_and_key():
    with pytest.raises(Unusable, match="cold.json has no row with function = nothing"):
        results().row("cold", function="nothing")
    with pytest.raises(Unusable, match="latency.json, row 2, has no 'nothing'"):
        results().rows("latency")[1]["nothing"]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(Unusable, match="fanout.json is missing"):
        Results.load(tmp_path, {})


def remove(file, number):
    return lambda files: files[file].pop(number)


def change(file, number, key, value):
    return lambda files: files[file][number].__setitem__(key, value)


@pytest.mark.parametrize("spoil, said", [
    (lambda files: files["cold"][1].pop("first_ms"), "cold.json, row 2, has no 'first_ms'"),
    (remove("cold", 1), "cold.json has no row with function = floor"),
    (remove("fanout", -1), "fanout.json has no row with records = 1000, urls = 3, implementation = python"),
    (remove("backlog", 2), "backlog.json has no row with backlog = 10000, what = drain"),
    (remove("isolation", 1),
     "isolation.json has no row with hanging = 0, implementation = instance-webhooks-log, phase = recognised"),
    (lambda files: files["latency"].append(files["latency"][0]),
     "latency.json has several rows with stack = one machine, writes_per_s = 10"),
    (lambda files: files["growth"].clear(), "growth.json has no rows"),
    (lambda files: files["machine"].pop("kernel"), "machine.json has no 'kernel'"),
    (change("growth", 0, "batch_ms", float("nan")), "growth.json, row 1, batch_ms: nan is no finite number"),
    (change("growth", 0, "batch_ms", None), "growth.json, row 1, batch_ms: None is no finite number"),
    (change("growth", 0, "peak_mb", -1.0), "growth.json, row 1, peak_mb: -1.0 is less than 0"),
    (change("descriptors", 1, "arrived", 1), "arrived 1 + pending 0 + lost 1978 are not 3000 deliveries"),
    (change("backlog", 0, "dynamodb_requests_per_1000", 1.0),
     "requests add up to 300, dynamodb_requests_per_1000 to 5"),
    (change("memory", 1, "written", 49_999), "49999 items written, none reported back, of 50000 deliveries"),
    (change("billed", 1, "items_written", 99.0), "99.0 items written for 100 deliveries"),
    (change("billed", 1, "delivered_at_once", 0.9), "delivered_at_once 0.9 + pending 0.0 are not all deliveries"),
    (change("memory", 0, "pending", 49_000), "400 attempts and 49000 pending, none reported back, of 50000"),
    (change("memory", 0, "hold_ms", 2_501.0), "hold_ms ≤ batch_ms does not hold"),
    (change("imperfect", 1, "acknowledged", 1_001), "acknowledged ≤ arrived ≤ events does not hold"),
    (change("imperfect", 1, "ok_p99_ms", 1.0), "ok_p50_ms ≤ ok_p90_ms ≤ ok_p99_ms ≤ ok_most_ms does not hold"),
    (change("imperfect", 1, "write_units_per_1000", 1.0), "items_written_per_1000 ≤ write_units_per_1000 does not hold"),
    (lambda files: files["imperfect"].pop(8), "imperfect.json has no row with program = current, case = all 100 healthy"),
    (change("billed", 0, "delivered_at_once", 1.5), "more arrived than was to be delivered"),
    (change("latency", 0, "p99_ms", 4.0), "p50_ms ≤ p99_ms ≤ p999_ms ≤ most_ms does not hold"),
    (lambda files: [row.update(share_of_changes=0.0) for row in files["isolation"] if row["implementation"] == NODE],
     "isolation.json, row 5, share_of_changes: nothing arrived in any phase"),
    (lambda files: files["money"]["costs"]["entries"][0]["per_million"].update(total=9.0), "does not add up"),
    (lambda files: files["simulation"]["rates"][0]["runs"][OURS]["default"]["events"].update(arrived=500),
     "500 events arrived, of 420 it is known where they are"),
])
def test_what_is_missing_or_does_not_add_up_is_said(spoil, said):
    measured = results()
    assert check(measured) == []
    spoil(measured.files)
    assert any(said in wrong for wrong in check(measured)), check(measured)


@pytest.mark.parametrize("key, value, said", [
    ("acknowledged", 999, "999 of 1000 events were acknowledged"), ("calls", 1_031, "1031 calls for 1000 events"),
    ("out_of_order", 2, "2 instances were out of order"),
])
def test_a_smoke_run_counts_what_came_to_imperfect_receivers(key, value, said):
    measured = results()
    measured.files["imperfect"] = measured.files["imperfect"][:2]
    measured.files["machine"]["scale"] = "smoke"
    assert check(measured) == []
    measured.files["imperfect"][1][key] = value
    assert check(measured) == [f"imperfect.json, row 2, {said}"]
    measured.files["machine"]["scale"] = "quick"
    assert not any("imperfect" in wrong for wrong in check(measured))


def test_a_handler_that_ends_no_batch_within_a_phase_is_measured_in_the_other():
    measured = results()
    row = next(row for row in measured.files["isolation"] if (row["implementation"], row["hanging"]) == (NODE, 0))
    row["share_of_changes"] = 0.0
    assert check(measured) == []


def test_the_figures_of_the_run_before_stand_beside_those_of_this_one():
    runs = (("2026-11-01", "aaa", "a quick processor"), ("2026-11-02", "bbb", "a slow one"))
    first, second = ({"taken": day, "commit": commit, "cpu": cpu} for day, commit, cpu in runs)
    size = "the fan-out function's zip at most 3 MB"
    published = record(first, [Target(size, "2.00 MB", True)], NO_RUN)
    before = former(published, second)
    assert f"| {size} | 2.00 MB | 2.60 MB | yes |" in target_table(results(), before)
    assert "at commit `aaa`, on a quick processor;" in document(results(), before)[0]
    # A report of the same run, written again, does not compare it with itself.
    again = former(record(second, targets(results()), before), second)
    assert again == before


def test_the_bill_is_that_of_a_batch_of_which_nothing_was_put_off():
    measured = results()
    costs = measured.files["money"]["costs"]
    sooner = [entry | {"receiver_ms": 20} for entry in costs["entries"]]
    costs["entries"] = [entry for entry in costs["entries"] if entry["implementation"] != OURS] + sooner
    text, _ = document(measured, NO_RUN)
    assert "with receivers of 20 ms and batches of 100 × 1" in text


def test_the_write_units_of_a_delivered_event_are_a_target():
    measured = results()
    measured.files["money"]["costs"]["fates"][0]["write_units"] = 3.0
    assert [target.what for target in targets(measured) if not target.reached] == [
        "at most 2 write units for what is kept of a delivered event"]


def test_a_previous_program_gets_rows_of_its_own():
    measured = results()
    measured.files["imperfect"] += [row | {"program": "previous"} for row in measured.files["imperfect"]]
    assert check(measured) == []
    text, _ = document(measured, NO_RUN)
    assert "| this one | 503 1 % | itself |" in text and "| the previous one | 503 1 % | itself |" in text
    assert [target.what for target in targets(measured)] == [target.what for target in targets(results())]


def test_recorded_figures_stand_beside_those_that_were_measured():
    text, _ = document(results(), NO_RUN)
    assert "| 503 1 % | itself | 10.0 / 30.0, 99 % | 8,487 / 36,482, 10.5 % | 98.8 % within 100 ms" in text
    assert "PostgreSQL and Redis" in text


def test_a_whole_run_has_the_sizes_that_targets_are_stated_for():
    measured = results()
    measured.files["fanout"] = [row for row in measured.files["fanout"] if row["records"] == 1]
    assert "fanout.json has no row with records = 1000, urls = 3" in check(measured)


def test_the_readme_keeps_all_but_its_figures():
    text = "# Title\n\n<!-- figures -->\nold\n<!-- /figures -->\n\nThe rest.\n"
    figures = block(results())
    once = replaced(text, figures)
    assert once == f"# Title\n\n<!-- figures -->\n{figures}\n<!-- /figures -->\n\nThe rest.\n"
    assert replaced(once, figures) == once
    assert len(figures.splitlines()) == 2 + 6
    assert "1.20 (1.08–1.32) × a bare `reqwest` loop's; Node takes 17 × ours, Python 6.7 ×" in figures


@pytest.mark.parametrize("text", [
    "", "<!-- figures -->", "<!-- /figures --> <!-- figures -->", "<!-- figures --><!-- /figures --><!-- figures -->",
])
def test_a_readme_without_its_markers_is_refused(text):
    with pytest.raises(NoMarkers):
        replaced(text, "figures")


def test_the_same_figures_make_the_same_files(tmp_path):
    first, second = (write(results(), tmp_path / name) for name in ("first", "second"))
    assert len(first) == len(second) > 20
    for one, other in zip(first, second):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_pictures_are_small_say_what_they_show_and_keep_their_text(tmp_path):
    text, pictures = document(results(), NO_RUN)
    paths = {path.name: path for path in write(results(), tmp_path)}
    for picture in pictures:
        assert any(letter.isdigit() for letter in picture.alt), picture.name
        for theme in ("light", "dark"):
            assert f"performance/{picture.name}-{theme}.svg" in text
            path = paths.pop(f"{picture.name}-{theme}.svg")
            assert path.stat().st_size <= LARGEST_PICTURE
            assert ElementTree.parse(path).find(".//{http://www.w3.org/2000/svg}text") is not None
    assert sorted(paths) == ["performance.md", "targets.json"]


def test_what_was_written_by_hand_stands_at_the_end():
    text, _ = document(results(), NO_RUN)
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings[-2:] == ["## What the figures do not say", "## What was tried"]
