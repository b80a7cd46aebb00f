"""What a schema cannot say: which URLs are taken, and that a replay has to be of something."""

import os

import schemathesis
from hypothesis import strategies as st

# Nothing listens there: the program calls what is configured, and must not reach anybody.
RECEIVER = os.environ["API_FUZZ_RECEIVER"]

paths = st.text("abz019-._~!$&'()*+,;=:@%/?#[]{}|^", max_size=40)
urls = st.builds(lambda scheme, path: f"{scheme}{RECEIVER}/{path}", st.sampled_from(["http://", "https://", "HTTP://"]), paths)
lines = st.lists(urls | st.sampled_from(["", "  "]), max_size=5).map("\n".join)

schemathesis.openapi.format("uri", urls)
schemathesis.openapi.format("uri-list", lines)

ENTITY_TAGS = ("If-Match", "If-None-Match")
FILTERS = ("status", "eventType", "endpointID", "instanceID", "since", "until")


@schemathesis.hook
def filter_case(_context, case):
    """Passes over what is valid as the schema, or this tool, sees it, and is not."""
    # The coverage phase writes headers of letters and digits alone, whatever their pattern says.
    if any((case.headers or {}).get(name, "").isalnum() for name in ENTITY_TAGS):
        return False
    # A replay of everything is refused.
    if case.operation.path.endswith("/deliveries/replay") and isinstance(case.body, dict):
        return any(case.body.get(name) is not None for name in FILTERS)
    return True


@schemathesis.hook.apply_to(path_regex="/callbacks", method=["PUT", "DELETE"])
def map_path_parameters(_context, parameters):
    """Callbacks are changed in workspaces of their own, lest the endpoints go that the other calls are about."""
    if parameters and parameters.get("workspace") == "default":
        return {**parameters, "workspace": "changing"}
    return parameters
