"""Writes SVG pictures of the run screen: `python -m tests.tui.screens FOLDER [SCENE ...]`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from gonogo.tui.app import RunApp

from . import gates, story

SCENES = story.SCENES | {f"gate-{name}": scene for name, scene in gates.SCENES.items()}
SIZES = ((80, 24), (120, 40), (200, 60))


async def picture(scene: str, size: tuple[int, int], keys: tuple[str, ...] = ()) -> str:
    """Return one scene at one size as SVG, after some keys."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "20261120T160000Z-nova"
        run.mkdir()
        app = RunApp(SCENES[scene](run))
        async with app.run_test(size=size, notifications=True) as pilot:
            for _ in range(4):
                await pilot.pause(0.12)
            if keys:
                await pilot.press(*keys)
                await pilot.pause(0.3)
            return app.export_screenshot(title="gonogo")


def main(folder: str, *scenes: str) -> None:
    """Write every scene at every size; `SCENE:key,key` presses keys first."""
    for word in scenes or tuple(SCENES):
        scene, _, keys = word.partition(":")
        for size in SIZES:
            svg = asyncio.run(picture(scene, size, tuple(keys.split(",")) if keys else ()))
            name = f"{scene}{'-' + keys.replace(',', '-') if keys else ''}-{size[0]}x{size[1]}.svg"
            (Path(folder) / name).write_text(svg)


if __name__ == "__main__":
    main(*sys.argv[1:])
