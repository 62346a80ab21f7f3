"""What each scene looks like, line by line, on a small terminal and on a big one.

`GONOGO_SNAPSHOTS=write pytest tests/tui/test_snapshots.py` writes them anew; look at the difference then.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from textual.pilot import Pilot

from gonogo.tui.app import RunApp
from gonogo.tui.screens.run import RunScreen

from .screens import SCENES

FOLDER = Path(__file__).parent / "snapshots"
SIZES = ((80, 24), (200, 60))
TIME = re.compile(r"\d\d:\d\d:\d\d")


async def settled(pilot: Pilot[str]) -> str:
    """Return what stands on the terminal once repainting it changes nothing any more."""
    seen = [""]
    while len(seen) < 4 or len(set(seen[-3:])) > 1:
        next(one for one in pilot.app.screen_stack if isinstance(one, RunScreen)).repaint()
        await pilot.pause()
        strips = pilot.app.screen._compositor.render_strips()
        lines = ["".join(segment.text for segment in strip).rstrip() for strip in strips]
        seen.append(TIME.sub("hh:mm:ss", "\n".join(lines)) + "\n")
    return seen[-1]


@pytest.mark.parametrize("scene", [name for name in SCENES if name != "ended"])
async def test_the_screen_looks_as_it_did(tmp_path: Path, scene: str) -> None:
    """Nothing moves unseen; and nothing is cut off at the right or below the keys."""
    app = RunApp(SCENES[scene](tmp_path))
    async with app.run_test(size=SIZES[0]) as pilot:
        for size in SIZES:
            await pilot.resize_terminal(*size)
            shown = await settled(pilot)
            file = FOLDER / f"{scene}-{size[0]}x{size[1]}.txt"
            if os.environ.get("GONOGO_SNAPSHOTS") == "write":
                FOLDER.mkdir(exist_ok=True)
                file.write_text(shown)
            assert shown == file.read_text()
            assert "detach" in shown or "backs out" in shown
