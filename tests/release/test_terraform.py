"""The configuration of docs/deploy/terraform, read by a parser of its language: Terraform itself is in none of the registries."""

import hcl2
import json
import re

from conftest import ROOT


def test_it_sets_parameters_of_the_release_and_reads_its_outputs(release):
    template = json.loads((release / "template.json").read_text())
    text = (ROOT / "docs/deploy/terraform/main.tf").read_text()
    read = hcl2.loads(text)
    (resource,) = [it for it in read["resource"] if any("aws_cloudformation_stack" in name for name in it)]
    assert resource
    (parameters,) = re.findall(r"parameters = \{(.*?)\n  \}", text, re.DOTALL)
    names = set(re.findall(r"^\s+(\w+)\s+=", parameters, re.MULTILINE))
    assert names <= set(template["Parameters"])
    assert {"ArtifactBucket", "ArtifactPrefix"} <= names
    without = {name for name, it in template["Parameters"].items() if "Default" not in it}
    assert without <= names, "these have no default"
    assert set(re.findall(r'outputs\["(\w+)"\]', text)) <= set(template["Outputs"])
