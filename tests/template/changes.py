"""What the change of a parameter does to the resources of a stack: which are replaced, and which appear or disappear."""

import re

from schemas import fixed

SUB = re.compile(r"\$\{(?!!)([^}]+)\}")


def uses(value, conditions):
    """Yields what an expression depends on: names of parameters, resources and `resource.Attribute`, conditions' included."""
    if isinstance(value, list):
        for it in value:
            yield from uses(it, conditions)
    elif isinstance(value, dict):
        for key, it in value.items():
            match key:
                case "Ref":
                    yield it
                case "Condition" if isinstance(it, str):
                    yield from uses(conditions[it], conditions)
                case "Fn::GetAtt":
                    yield it if isinstance(it, str) else ".".join(it)
                case "Fn::Sub":
                    text, given = it if isinstance(it, list) else (it, {})
                    yield from (name for name in SUB.findall(text) if name not in given)
                    yield from uses(given, conditions)
                case "Fn::If":
                    yield from uses(conditions[it[0]], conditions)
                    yield from uses(it[1:], conditions)
                case _:
                    yield from uses(it, conditions)


class Changes:
    """Resources that change when parameters do. `replaced` and `conditional` have names such as `SignIn.Administrators`."""

    def __init__(self, templates, path, parameters, within=""):
        self.templates = templates
        self.template = templates[path]
        self.conditions = self.template.get("Conditions", {})
        self.within = within
        self.changed = set(parameters)
        self.replaced, self.conditional = set(), set()
        while self.go_on():
            pass

    def depends(self, value):
        # A resource that is replaced has another physical id, and other attributes with it.
        return any(it in self.changed or it.split(".")[0] in self.changed for it in uses(value, self.conditions))

    def go_on(self):
        """Follows the changes by one step; returns whether there was one."""
        before = len(self.changed)
        for name, resource in self.template["Resources"].items():
            if "Condition" in resource and self.depends({"Condition": resource["Condition"]}):
                self.conditional.add(self.within + name)
                self.changed.add(name)
            if resource["Type"] == "AWS::CloudFormation::Stack":
                self.follow(name, resource["Properties"])
            elif any(self.depends(value) for key, value in resource.get("Properties", {}).items() if key in fixed(resource["Type"])):
                self.replaced.add(self.within + name)
                self.changed.add(name)
        return len(self.changed) > before

    def follow(self, name, properties):
        given = {parameter for parameter, value in properties["Parameters"].items() if self.depends(value)}
        nested = Changes(self.templates, properties["TemplateURL"], given, f"{self.within}{name}.")
        self.replaced |= nested.replaced
        self.conditional |= nested.conditional
        self.changed |= {f"{name}.Outputs.{output}" for output, it in nested.outputs() if nested.depends(it["Value"])}

    def outputs(self):
        return self.template.get("Outputs", {}).items()
