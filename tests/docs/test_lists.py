"""What the documents list is what there is: crates, decisions, tests, settings, chapters."""

import re
import tomllib

from book import chapters

HEAD = re.compile(r"# (\d+)\. (.+)\n\nDate: (\d{4}-\d\d-\d\d)\n\nStatus: ((?:.+\n)+)")
ROW = re.compile(r"^\| (\d+) \| \[(.+)\]\((.+)\) \| (\S+) \| (accepted|superseded) \| (.*?) ?\|$", re.MULTILINE)


def decisions(text):
    return sorted(path for path in text if re.fullmatch(r"docs/adr/\d{4}-[\w-]+\.md", path))


def numbers(status, word):
    """The decisions that a status or a row names after a word: "amends 5 and 6"."""
    named = re.findall(rf"\b{word} (\d+(?:(?:, | and )\d+)*)", status, re.IGNORECASE)
    return {int(number) for group in named for number in re.findall(r"\d+", group)}


def heads(text):
    found = {}
    for path in decisions(text):
        head = HEAD.match(text[path])
        assert head, f"{path} has to begin with '# N. Title', 'Date: YYYY-MM-DD' and 'Status: …', with blank lines between"
        assert int(head[1]) == int(path.split("/")[-1][:4]), path
        found[int(head[1])] = (head[2], path.split("/")[-1], head[3], head[4].replace("\n", " "))
    return found


def test_the_index_of_decisions_has_each_with_its_date_and_status(text):
    found = heads(text)
    assert list(found) == list(range(1, len(found) + 1))
    rows = {int(row[0]): row[1:] for row in ROW.findall(text["docs/adr/README.md"])}
    assert list(rows) == list(found)
    for number, (title, name, date, status) in found.items():
        said = "superseded" if status.startswith("superseded") else "accepted"
        assert rows[number][:4] == (title, name, date, said), number


def test_a_decision_that_changes_another_one_is_named_by_it(text):
    statuses = {number: status for number, (_, _, _, status) in heads(text).items()}
    rows = {int(row[0]): row[-1] for row in ROW.findall(text["docs/adr/README.md"])}
    # "and by 19" goes on with the word before.
    full = {number: re.sub(r"\band by\b", "amended by", status) for number, status in statuses.items()}
    for forward, backward in (("supersedes", "superseded by"), ("amends", "amended by")):
        for of, by in ((full, full), (rows, rows)):
            ahead = {(number, other) for number, status in of.items() for other in numbers(status, forward)}
            back = {(other, number) for number, status in by.items() for other in numbers(status, backward)}
            assert ahead == back, (forward, ahead ^ back)


def test_the_architecture_names_each_crate(root, text):
    members = tomllib.loads((root / "Cargo.toml").read_text())["workspace"]["members"]
    for member in members:
        named = member in text["ARCHITECTURE.md"] or member.split("/")[0] + "/" in text["ARCHITECTURE.md"] and "/" in member
        assert named or f"{member}/" in text["ARCHITECTURE.md"], member
    for crate in (member for member in members if member.startswith("crates/")):
        assert crate in text["ARCHITECTURE.md"], crate


def test_each_folder_of_tests_is_described(root, text):
    for folder in sorted(path.name for path in (root / "tests").iterdir() if path.is_dir() and not path.name.startswith(("_", "."))):
        assert f"`tests/{folder}`" in text["docs/TESTING.md"], f"docs/TESTING.md does not describe tests/{folder}"


def test_each_target_of_the_tests_is_part_of_make_test(root, text):
    makefile = (root / "Makefile").read_text()
    of_test = set(re.search(r"^test: (.+)$", makefile, re.MULTILINE)[1].split())
    for part in ("test-static", "test-built"):
        of_test |= set(re.search(rf"^{part}:.*\n\t(.+)$", makefile, re.MULTILINE)[1].split())
    targets = set(re.findall(r"^(test-[\w-]+):", makefile, re.MULTILINE))
    # It builds another revision, which has to be named.
    assert targets - of_test == {"test-upgrade"}
    for target in targets:
        assert re.search(rf"`make {target}[ `]", text["docs/TESTING.md"]), target


# Set by the stack for its own functions.
OF_THE_STACK = {"CONSOLE_URL", "DEPLOYMENT_NAME", "INSTANCE_STREAM_ARN", "WAKEUP_QUEUE_URL"}
READ = re.compile(r'(?:var|var_or|[a-z_]+_var|[a-z_]+_var_or)\(\s*"([A-Z]+(?:_[A-Z]+)*)"')
NAMED = re.compile(r'"([A-Z]+(?:_[A-Z]+)+)"')


def shipped(root, files):
    """The Rust code of the crates and the local program, without the tests below it."""
    for path in files:
        if re.fullmatch(r"(crates/(model|runtime|store|engine|api)|local)/src/.*\.rs", path):
            yield path, (root / path).read_text().split("#[cfg(test)]")[0]


def test_each_setting_that_the_code_reads_is_documented(root, files, text):
    read = set()
    for path, code in shipped(root, files):
        pattern = NAMED if path.endswith("/settings.rs") else READ
        read |= {name for name in pattern.findall(code) if not name.startswith("AWS_")}
    assert len(read) > 20
    documented = set(re.findall(r"`([A-Z][A-Z_]+)`", text["docs/settings.md"]))
    assert read - documented == OF_THE_STACK


def test_each_documented_setting_is_read_by_the_code(root, files, text):
    code = "\n".join(code for _, code in shipped(root, files))
    rows = re.findall(r"^\| ((?:`[A-Z_]+`(?:, )?)+) \|", text["docs/settings.md"], re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"[A-Z_]+", row)}
    assert len(documented) > 30
    assert {name for name in documented if f'"{name}"' not in code} == set()


def test_the_book_has_every_document_once(text):
    named = chapters(text["docs/SUMMARY.md"])
    assert len(named) == len(set(named))
    apart = {"docs/SUMMARY.md", ".github/PULL_REQUEST_TEMPLATE.md"}
    documents = {path for path in text if path not in apart and not path.startswith("tests/bench/report/prose/")}
    assert set(named) == documents


def test_the_readme_is_one_page(text):
    assert len(text["README.md"].splitlines()) < 150


def test_both_pictures_of_the_architecture_differ_in_their_colours_alone(root):
    light, dark = ((root / f"docs/images/architecture-{name}.svg").read_text() for name in ("light", "dark"))
    style = re.compile(r"<style>.*?</style>", re.DOTALL)
    assert style.sub("", light) == style.sub("", dark)
    colour = re.compile(r"#[0-9a-f]{6}")
    assert colour.sub("", light) == colour.sub("", dark)
    assert light != dark
