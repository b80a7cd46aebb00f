"""The template of a release: the deployed one, after SAM's transformation, with the artifacts in the reader's own bucket."""

import json
from pathlib import Path

from samcli.yamlhelper import yaml_parse

from transform import transform

ROOT = Path(__file__).parents[2]

# Artifacts of a function are not named by a mapping: its keys cannot have the underscore of x86_64.
ON_ARM = "DeploysOnArm64"

PARAMETERS = {
    "ArtifactBucket": {
        "Type": "String",
        "Description": "Bucket in the stack's region that this release's folder was copied to.",
        "AllowedPattern": "^[a-z0-9.-]{3,63}$",
        "ConstraintDescription": "must be the name of a bucket",
    },
    "ArtifactPrefix": {
        "Type": "String",
        "Description": "Folder of this release in the bucket, with a slash at its end.",
        "AllowedPattern": "^([A-Za-z0-9._-]+/)*$",
        "ConstraintDescription": "must be empty or end with a slash",
    },
}


REPOSITORY = "https://github.com/instance-webhooks/instance-webhooks"


def application(version, description):
    """Returns what the Serverless Application Repository asks for (AWS SAM, "Metadata section properties")."""
    return {
        "Name": "instance-webhooks",
        "Description": description,
        "Author": "instance-webhooks",
        "SpdxLicenseId": "Apache-2.0",
        "LicenseUrl": "LICENSE",
        "ReadmeUrl": "NOTES.md",
        "Labels": ["webhooks", "dynamodb", "streams", "rust"],
        "HomePageUrl": REPOSITORY,
        "SourceCodeUrl": f"{REPOSITORY}/tree/v{version}",
        "SemanticVersion": version,
    }


def binaries(text):
    """Returns the program of each function, by logical id."""
    resources = yaml_parse(text)["Resources"]
    functions = {name: it for name, it in resources.items() if it["Type"] == "AWS::Serverless::Function"}
    return {name: it["Metadata"]["BuildProperties"]["Binary"] for name, it in functions.items()}


def packaged(text, keys, version):
    """Returns the template of a release. `keys` has the key of each program's archive below the prefix, by architecture."""
    template = transform(text)
    functions = binaries(text)
    for name, resource in template["Resources"].items():
        properties = resource["Properties"]
        if name in functions:
            arm, x86 = (keys[architecture][functions[name]] for architecture in ("arm64", "x86_64"))
            key = arm if arm == x86 else {"Fn::If": [ON_ARM, arm, x86]}
            properties["Code"] = {"S3Bucket": {"Ref": "ArtifactBucket"}, "S3Key": below_prefix(key)}
            resource.pop("Metadata", None)
        if resource["Type"] == "AWS::CloudFormation::Stack":
            address = "https://s3.${AWS::Region}.${AWS::URLSuffix}/${ArtifactBucket}/${ArtifactPrefix}"
            properties["TemplateURL"] = {"Fn::Sub": address + properties["TemplateURL"]}
            resource.pop("Metadata", None)
    template.pop("Transform", None)
    template["Conditions"][ON_ARM] = {"Fn::Equals": [{"Ref": "Architecture"}, "arm64"]}
    template["Parameters"] |= json.loads(json.dumps(PARAMETERS))
    template["Parameters"]["ArtifactPrefix"]["Default"] = f"{name_of(version)}/"
    template["Metadata"]["AWS::ServerlessRepo::Application"] = application(version, template["Description"])
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    groups.insert(0, {"Label": {"default": "This release"}, "Parameters": list(PARAMETERS)})
    return template


def name_of(version):
    """Returns the name of a release's folder."""
    return f"instance-webhooks-{version}"


def below_prefix(key):
    return {"Fn::Join": ["", [{"Ref": "ArtifactPrefix"}, key]]}
