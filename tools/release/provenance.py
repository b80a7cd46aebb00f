"""Where a release comes from: a statement in the form of SLSA 1.0 (https://slsa.dev/spec/v1.0/provenance).

It has no times and no names of machines, so that two builds of one commit have the same one.
"""

import hashlib
import json

BUILD = "urn:instance-webhooks:build:make-release:1"
BUILDER = "urn:instance-webhooks:builder:make"


def statement(contents, version, commit, sources, tools):
    """Returns the statement on files with these digests. `sources` are files of the commit that pin what is built in."""
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": path, "digest": {"sha256": digest}} for path, digest in contents.items()],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD,
                "externalParameters": {"version": version},
                "internalParameters": {"tools": tools},
                "resolvedDependencies": [
                    {"uri": "git+https://github.com/instance-webhooks/instance-webhooks", "digest": {"gitCommit": commit}},
                    *(
                        {"name": name, "digest": {"sha256": hashlib.sha256(content).hexdigest()}}
                        for name, content in sorted(sources.items())
                    ),
                ],
            },
            "runDetails": {"builder": {"id": BUILDER}},
        },
    }


def line(made):
    """Returns the statement as a line of JSON, which signing tools take."""
    return json.dumps(made, separators=(",", ":"), sort_keys=True) + "\n"
