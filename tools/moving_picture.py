"""Assembles the frames that tests/console/picture.ts has taken into one animated WebP.

A frame's name is its number and its duration in milliseconds: 0007-350.png.
"""

import pathlib
import sys

from PIL import Image

# README.md loads it with the page.
MAX_BYTES = 1_500_000


def main(folder: pathlib.Path, target: pathlib.Path) -> None:
    paths = sorted(folder.glob("*.png"))
    if not paths:
        sys.exit(f"{folder} has no frames: run `make picture`")
    durations = [int(path.stem.split("-")[1]) for path in paths]
    first, *others = [Image.open(path).convert("RGB") for path in paths]
    first.save(
        target, save_all=True, append_images=others, duration=durations, loop=0, quality=80, method=6, minimize_size=True
    )
    size = target.stat().st_size
    print(f"{target}: {len(paths)} frames, {sum(durations) / 1000:.1f} s, {size / 1000:.0f} kB")
    if size > MAX_BYTES:
        sys.exit(f"{target} has {size} bytes, more than {MAX_BYTES}: take fewer frames, or a smaller window")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
