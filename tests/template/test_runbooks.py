"""Each alarm has a runbook that fits on a screen, and names it."""

import re
import sys

import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "tools"))

from runbooks import commands, definitions, sections  # noqa: E402

RUNBOOKS = sections()


@pytest.fixture(scope="module")
def alarms(nested_templates):
    found = nested_templates["infra/observability.yaml"]["Resources"]
    return {name: it["Properties"] for name, it in found.items() if it["Type"] == "AWS::CloudWatch::Alarm"}


def test_each_alarm_has_a_runbook_and_names_it(alarms):
    assert set(RUNBOOKS) == set(alarms)
    for name, alarm in alarms.items():
        assert alarm["AlarmDescription"].endswith(f"Runbook: docs/runbooks.md, {name}."), name


@pytest.mark.parametrize("name", RUNBOOKS)
def test_a_runbook_has_at_most_15_lines(name):
    lines = [line for line in RUNBOOKS[name].splitlines() if line.strip() and not line.startswith("```")]
    assert len(lines) <= 15, f"{name} has {len(lines)}"


@pytest.mark.parametrize("name", RUNBOOKS)
def test_a_runbook_looks_at_what_the_stack_has(stack, template, name):
    text = definitions() + commands(RUNBOOKS[name])
    assert set(re.findall(r"\$\(output (\w+)\)", text)) <= set(template["Outputs"])
    assert set(re.findall(r"\$\(resource (\w+)\)", text)) <= set(stack.resources)
    groups = {it["LogGroupName"]["Fn::Sub"] for it in stack.of_type("AWS::Logs::LogGroup").values()}
    for function in re.findall(r"^lines (\w+) ", text, re.MULTILINE):
        assert f"/aws/lambda/${{AWS::StackName}}/{function}" in groups, name


def test_operations_begin_with_what_to_do():
    operations = (ROOT / "docs/operations.md").read_text()
    assert re.findall(r"^## (.+)$", operations, re.MULTILINE)[0] == "Something is wrong: start here"
    for name in RUNBOOKS:
        assert f"| `{name}` |" in operations and f"(runbooks.md#{name.lower()})" in operations, name
