"""The template as CloudFormation receives it, after SAM has transformed it. As a program it prints that as JSON."""

import json
import sys
from pathlib import Path

import boto3
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator


def transform(text):
    template = yaml_parse(text)
    # SAM transforms the references that `sam build` and `sam package` have put in a bucket. The bucket's content does
    # not matter here.
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    session = boto3.Session(region_name="eu-central-1", aws_access_key_id="none", aws_secret_access_key="none")
    translated = Translator(managed_policy_map={}, sam_parser=Parser(), boto_session=session).translate(template, {})
    return json.loads(json.dumps(translated))


if __name__ == "__main__":
    print(json.dumps(transform(Path(sys.argv[1]).read_text()), indent=2))
