"""The sizes of the functions, as built and as deployed in a zip."""

import zlib

from .results import Unusable

FUNCTIONS = ("Fanout", "Retry", "Api", "Console")


def sizes(root):
    """Returns the bytes of each binary, plain and deflated, by name. The archive's own hundred bytes are left out."""
    binaries = {name.lower(): root / f".aws-sam/emulator/{name}Function/bootstrap" for name in FUNCTIONS}
    hello = [root / "target/release/hello", root / "target/debug/hello"]
    binaries["hello (Rust)"] = next((path for path in hello if path.exists()), hello[0])
    return {name: _size(path, path.relative_to(root)) for name, path in binaries.items()}


def _size(path, name):
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise Unusable(f"{name} is not built") from None
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return {"bytes": len(content), "zip_bytes": len(deflate.compress(content)) + len(deflate.flush())}
