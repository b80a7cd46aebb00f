"""Version and notes of a release."""

import re

# A rehearsal, such as 0.2.0-rc.1, has the notes of what is not released.
VERSION = re.compile(r"(\d+\.\d+\.\d+)(-[0-9A-Za-z.-]+)?")


def checked(version, cargo_toml):
    """Returns the version, if it is the one of the sources."""
    match = VERSION.fullmatch(version)
    if not match:
        raise ValueError(f"{version!r} is no version: MAJOR.MINOR.PATCH, or with -rc.1 behind it for a rehearsal")
    (own,) = re.findall(r'^version = "(.*)"$', cargo_toml, re.MULTILINE)
    if match[1] != own:
        raise ValueError(f"the sources are of version {own}, not {match[1]}: docs/RELEASING.md, step 3, raises it")
    return version


def section(version, changelog):
    """Returns the section of CHANGELOG of a version, without its title."""
    title = "Unreleased" if "-" in version else version
    parts = re.split(r"^## \[([^\]]+)\].*$", changelog, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    if title not in sections:
        raise ValueError(f"CHANGELOG.md has no section [{title}]: docs/RELEASING.md, step 3, makes it")
    return f"# Instance Webhooks {version}\n\n{sections[title].strip()}\n"
