"""CloudFormation's schemas of resource types, by region, as cfn-lint brings them."""

from cfnlint.helpers import REGIONS
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER, ResourceNotFoundError


def schema(kind, region="us-east-1"):
    """Returns the schema of a resource type; `None` where the region does not have the type."""
    try:
        return PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, kind).schema
    except ResourceNotFoundError:
        return None


def regions_without(kind):
    return {region for region in REGIONS if schema(kind, region) is None}


def fixed(kind):
    """Returns the properties whose change replaces a resource, some of them in certain cases only."""
    found = schema(kind)
    pointers = [*found.get("createOnlyProperties", []), *found.get("conditionalCreateOnlyProperties", [])]
    return {pointer.removeprefix("/properties/").split("/")[0] for pointer in pointers}
