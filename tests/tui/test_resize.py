"""Any size of the terminal: nothing breaks, too small a one says so, and all is as it was after."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from textual.pilot import Pilot

from gonogo.tui.screens.run import RunScreen
from gonogo.tui.themed import LEAST, ThemedApp, too_small
from gonogo.tui.widgets.checklist import Checklist

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


async def resized(pilot: Pilot[str], width: int, height: int, words: str) -> list[str]:
    """Return what stands there in a new size, with these words; a busy machine takes its time for both."""
    await pilot.resize_terminal(width, height)
    for _ in range(100):
        await pilot.pause()
        shown = [strip.text for strip in rows(pilot.app)]
        if len(shown) == height and words in "\n".join(shown):
            break
    return shown


async def laid_out(pilot: Pilot[str], chance: random.Random) -> None:
    """Lay the screen out and paint it in any order, as a slow machine does."""
    screen = pilot.app.screen
    for _ in range(chance.randint(0, 3)):
        match chance.randrange(3):
            case 0:
                screen._refresh_layout()
            case 1 if isinstance(screen, RunScreen):
                screen.repaint()
            case _:
                await pilot.pause(0)


@pytest.mark.parametrize("name", SCREENS)
async def test_no_size_breaks_a_screen(tmp_path: Path, name: str) -> None:
    """From 1x1 to 300x100 and back; below the least size the words for it stand there."""
    chance = random.Random(name)
    any_size = ((chance.randint(1, 300), chance.randint(1, 100)) for _ in range(10))
    with standing_still(tmp_path):
        shot = SHOTS[name]
        app = shot.make(Path(RUN))
        async with app.run_test(size=(80, 24)) as pilot:
            await press(pilot, shot)
            await settled(pilot)
            before = told(app)
            for number, (width, height) in enumerate((*EDGES, *any_size)):
                small = name != "zoom" and width >= 40 and too_small(width, height)
                words = "too small" if small else ""
                shown = await resized(pilot, width, height, words)
                assert len(shown) == height
                assert all(len(line) <= width for line in shown)
                assert words in "\n".join(shown), (width, height)
                if number % 3 == 0:
                    await laid_out(pilot, chance)
                    await pilot.resize_terminal(80, 24)
                    await laid_out(pilot, chance)
                    await settled(pilot)
                    assert told(app) == before, (width, height)


async def test_a_scroll_bar_that_comes_again_stands_where_its_pane_does(tmp_path: Path) -> None:
    """A pane that was scrolled, and then had room for all, begins at its top: so does its bar."""
    with standing_still(tmp_path):
        shot = SHOTS["replay"]
        app = shot.make(Path(RUN))
        async with app.run_test(size=(80, 24)) as pilot:
            await press(pilot, shot)
            pane = app.screen.query_one(Checklist)
            pane.scroll_to(y=2, animate=False, immediate=True)
            assert pane.vertical_scrollbar.position == 2
            for size in ((80, 60), (80, 24)):
                await pilot.resize_terminal(*size)
                await settled(pilot)
            assert pane.show_vertical_scrollbar
            assert pane.vertical_scrollbar.position == pane.scroll_y == 0
