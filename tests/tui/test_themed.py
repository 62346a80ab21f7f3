"""What all screens have from the program that shows them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual.widgets._toast import Toast

from gonogo.tui.themed import Passing

from . import watched
from .test_screen import desk


async def test_words_whose_time_ran_out_on_the_way_do_not_stop_the_screen(tmp_path: Path) -> None:
    """They leave as others do, and keys go on to be taken: a timer for no time at all never ended."""
    async with asyncio.timeout(30), desk(watched.watched(tmp_path)) as one:
        late = Passing("too late", timeout=-1)
        assert late.has_expired
        await one.screen.mount(Toast(late))
        while one.screen.query(Toast):
            await one.pilot.pause()
        await one.press("question_mark")
        assert "Help" in one.shown()


async def test_what_is_said_again_is_counted(tmp_path: Path) -> None:
    """One toast for the same words as long as it stands, whichever screen is on top; others beside it."""
    async with desk(watched.watched(tmp_path)) as one:
        for _ in range(3):
            one.screen.tell("No failed host in this step.")
        one.screen.tell("Something else.")
        await one.pilot.pause()
        assert len(one.screen.query(Toast)) == 2
        assert "No failed host in this step.  ×3" in one.shown()
        await one.pilot.click(one.screen.query(Toast).first())
        await one.pilot.pause()
        assert len(one.screen.query(Toast)) == 1
        one.screen.tell("No failed host in this step.")
        await one.pilot.pause()
        assert "No failed host in this step.  ×4" in one.shown()
