"""Makes the documents' pictures from the real screens: `python -m tests.tui.pictures FOLDER`."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from gonogo.tui.app import RunApp
from gonogo.tui.home import HomeApp
from gonogo.tui.settings import Settings
from gonogo.tui.themed import ThemedApp

from . import gates, shelves, story

SIZE = (120, 36)
FONT = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
"""Where the picture would have its letters fetched from; every reader has some of one width."""
CLOCK = re.compile(r"\b\d\d:\d\d(:\d\d)?(?=&#160;| ?<)")

IDS, STAMP, DAY = (
    re.compile(r"terminal-\d+"),
    re.compile(r"\d{8}T\d{6}Z"),
    re.compile(r"\d{4}-\d\d-\d\d(?=&#160;)"),
)
"""What else would make every picture new each time."""


def home(_: Path) -> ThemedApp:
    """Return Home with something of everything."""
    return HomeApp(shelves.Full())


def _run(scene: Callable[[Path], object], theme: str = "night") -> Callable[[Path], ThemedApp]:
    return lambda run: RunApp(scene(run), settings=Settings(theme=theme))  # type: ignore[arg-type]


PICTURES: dict[str, tuple[Callable[[Path], ThemedApp], tuple[str, ...]]] = {
    "home": (home, ()),
    "preflight": (_run(gates.start), ()),
    "running": (_run(story.running), ()),
    "run": (_run(story.failure), ()),
    "palette": (_run(story.failure), ("ctrl+p",)),
    "help": (_run(story.failure), ("?",)),
    "day": (_run(story.batch_gate, "day"), ()),
    "contrast": (_run(story.batch_gate, "contrast"), ()),
    "ansi": (_run(story.batch_gate, "ansi"), ()),
}
"""Name -> the program that is shown, and the keys that are pressed first."""


async def picture(name: str) -> str:
    """Return one picture as SVG."""
    make, keys = PICTURES[name]
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "20261120T160000Z-nova"
        run.mkdir()
        app = make(run)
        async with app.run_test(size=SIZE) as pilot:
            await pilot.pause(0.8)  # two groupings' time
            await pilot.press(*keys)
            await pilot.pause(0.3)
            svg = app.export_screenshot(title=f"gonogo: {name}")
    svg = CLOCK.sub(lambda found: "16:42:07"[: len(found[0])], FONT.sub("", svg))
    return DAY.sub("2026-11-20", STAMP.sub("20261120T160000Z", IDS.sub(f"terminal-{name}", svg)))


def main(folder: str) -> None:
    """Write every picture."""
    for name in PICTURES:
        (Path(folder) / f"{name}.svg").write_text(asyncio.run(picture(name)))


if __name__ == "__main__":
    main(*sys.argv[1:])
