"""Any size of the terminal: nothing breaks, too small a one says so, and all is as it was after."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from gonogo.tui.themed import LEAST, ThemedApp, too_small

from .looks import rows
from .shots import RUN, SHOTS, press, settled, standing_still

SCREENS = (
    "home", "home-ways", "go-gate", "failure", "thousands", "watched", "monitors", "tests", "editor", "note",
    "palette", "help", "hop", "copy-hosts", "zoom", "ask-typed", "compare", "compare-step", "replay",
    "replay-find",
)  # fmt: skip
SCROLL_BARS = "▁▂▃▄▅▆▇█"
EDGES = ((1, 1), (300, 1), (1, 100), (300, 100), (LEAST[0] - 1, 24), LEAST)


def told(app: ThemedApp) -> list[str]:
    """Return what stands on the terminal, without the scroll bars of what lies under a dialog."""
    bars = SCROLL_BARS if len(app.screen_stack) > 1 else ""
    return [strip.text.rstrip(f" {bars}") for strip in rows(app)]


@pytest.mark.parametrize("name", SCREENS)
async def test_no_size_breaks_a_screen(tmp_path: Path, name: str) -> None:
    """From 1x1 to 300x100 and back; below the least size the words for it stand there."""
    chance = random.Random(name)
    with standing_still(tmp_path):
        shot = SHOTS[name]
        app = shot.make(Path(RUN))
        async with app.run_test(size=(80, 24)) as pilot:
            await press(pilot, shot)
            await settled(pilot)
            before = told(app)
            for width, height in (
                *EDGES,
                *((chance.randint(1, 300), chance.randint(1, 100)) for _ in range(6)),
            ):
                await pilot.resize_terminal(width, height)
                await pilot.pause()
                shown = [strip.text for strip in rows(app)]
                assert len(shown) == height
                assert all(len(line) <= width for line in shown)
                if name != "zoom" and width >= 40 and too_small(width, height):
                    assert "too small" in "\n".join(shown), (width, height)
            await pilot.resize_terminal(80, 24)
            await settled(pilot)
            assert told(app) == before
