"""The longest value that an expression of a template can have, in the longest of stacks' names."""

import re

from cfnlint.helpers import REGIONS

STACK = "s" * 128  # CloudFormation's limit
REGION = max(REGIONS, key=len)
ID = "12345678-90ab-cdef-1234-567890abcdef"
PSEUDO = {
    "AWS::StackName": STACK,
    "AWS::StackId": f"arn:aws-us-gov:cloudformation:{REGION}:123456789012:stack/{STACK}/{ID}",
    "AWS::Region": REGION,
    "AWS::AccountId": "1" * 12,
    "AWS::Partition": "aws-us-gov",
    "AWS::URLSuffix": "amazonaws.com.cn",
    "AWS::NoValue": "",
}
# What CloudFormation names itself has the stack's name, the logical id and a suffix in it, cut to the type's limit.
GENERATED = {"AWS::DynamoDB::Table": 255, "AWS::SQS::Queue": 80, "AWS::Lambda::Function": 64, "AWS::S3::Bucket": 63}


def generated(kind, logical_id):
    return f"{STACK}-{logical_id}-{'X' * 13}"[: GENERATED.get(kind, 255)]


class Longest:
    """Resolves expressions of one template; parameters have the given values."""

    def __init__(self, resources, parameters):
        self.resources = resources
        self.parameters = parameters

    def __call__(self, value):
        if isinstance(value, list):
            return [self(it) for it in value]
        if not isinstance(value, dict):
            return value
        ((function, argument),) = value.items()
        match function:
            case "Ref":
                return self.reference(argument)
            case "Fn::GetAtt":
                return self.attribute(*(argument if isinstance(argument, list) else argument.split(".", 1)))
            case "Fn::Sub":
                text, given = argument if isinstance(argument, list) else (argument, {})
                of = lambda name: str(self(given[name])) if name in given else self.named(name)  # noqa: E731
                return re.sub(r"\$\{([^}]+)\}", lambda found: of(found[1]), text)
            case "Fn::If":
                return max((self(it) for it in argument[1:]), key=lambda it: len(str(it)))
            case "Fn::Select":
                return self(argument[1])[int(argument[0])]
            case "Fn::Split":
                return self(argument[1]).split(argument[0])
        raise NotImplementedError(function)

    def named(self, name):
        return self.attribute(*name.split(".", 1)) if "." in name else self.reference(name)

    def reference(self, name):
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self.parameters:
            return self.parameters[name]
        kind = self.resources[name]["Type"]
        if kind == "AWS::SQS::Queue":
            return f"https://sqs.{REGION}.amazonaws.com.cn/123456789012/{generated(kind, name)}"
        return generated(kind, name)

    def attribute(self, name, attribute):
        match attribute:
            case "StreamArn":
                arn = f"arn:aws-us-gov:dynamodb:{REGION}:123456789012:table/{generated('AWS::DynamoDB::Table', name)}"
                return f"{arn}/stream/2026-01-31T12:00:00.000"
            case "ApiEndpoint":
                return f"https://1234567890.execute-api.{REGION}.amazonaws.com.cn"
            case "Outputs.Issuer":
                return f"https://cognito-idp.{REGION}.amazonaws.com/{REGION}_AbCdEf123"
            case "Outputs.EgressAddresses":
                return "255.255.255.255,255.255.255.255"
            case "Outputs.SignInClientId":
                return "1" * 26
            case "Outputs.SignInUrl":
                return f"https://instance-webhooks-{ID}.auth-fips.{REGION}.amazoncognito.com"
        raise NotImplementedError(f"{name}.{attribute}")
