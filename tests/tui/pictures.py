"""Makes pictures of the real screens, the same each time.

`python -m tests.tui.pictures FOLDER` makes the documents' pictures;
`python -m tests.tui.pictures FOLDER THEME [SHOT ...]` makes one of each shot at every size, to be looked at.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .looks import SIZES
from .shots import RUN, SHOTS, press, settled, standing_still

SIZE = (120, 36)
FONT = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
"""Where the picture would have its letters fetched from; every reader has some of one width."""
IDS = re.compile(r"terminal-\d+")

PICTURES: dict[str, tuple[str, str]] = {
    "home": ("home", "night"),
    "preflight": ("gate-start", "night"),
    "running": ("running", "night"),
    "run": ("failure", "night"),
    "hosts": ("thousands", "night"),
    "replay": ("replay-failure", "night"),
    "palette": ("palette", "night"),
    "help": ("help", "night"),
    "day": ("batch-gate", "day"),
    "contrast": ("batch-gate", "contrast"),
    "ansi": ("batch-gate", "ansi"),
    "mono": ("batch-gate", "mono"),
}
"""The documents' pictures: the shot and the theme of each."""


async def taken(name: str, theme: str, *sizes: tuple[int, int]) -> list[str]:
    """Return a shot in a theme as SVG, once for each size."""
    with tempfile.TemporaryDirectory() as folder, standing_still(Path(folder)):
        app = SHOTS[name].make(Path(RUN))
        async with app.run_test(size=sizes[0]) as pilot:
            app.show_theme(theme)
            await press(pilot, SHOTS[name])
            found = []
            for size in sizes:
                await pilot.resize_terminal(*size)
                await settled(pilot)
                svg = app.export_screenshot(title=f"gonogo: {name}")
                found.append(IDS.sub(f"terminal-{name}-{theme}", FONT.sub("", svg)))
            return found


def made(theme: str, shots: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield file names and pictures: the documents' where no theme is named."""
    if not theme:
        for name, (shot, look) in PICTURES.items():
            yield name, asyncio.run(taken(shot, look, SIZE))[0]
    for shot in (shots or tuple(SHOTS)) if theme else ():
        pictures = asyncio.run(taken(shot, theme, *SIZES))
        for (width, height), svg in zip(SIZES, pictures, strict=True):
            yield f"{shot}-{theme}-{width}x{height}", svg


def main(folder: str, theme: str = "", *shots: str) -> None:
    """Write pictures into a folder."""
    for name, svg in made(theme, shots):
        (Path(folder) / f"{name}.svg").write_text(svg)


if __name__ == "__main__":
    main(*sys.argv[1:])
