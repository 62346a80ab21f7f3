"""The frame of a run's screen, before there is a run."""

from __future__ import annotations

import asyncio
from pathlib import Path

from gonogo.errors import RunError
from gonogo.tui.apps.run import RunApp
from gonogo.tui.screens.opening import Opening
from gonogo.tui.screens.run import RunScreen

from . import story
from .fake import FakeLink


def _shown(app: RunApp) -> str:
    return "\n".join("".join(part.text for part in line) for line in app.screen._compositor.render_strips())


async def test_the_frame_is_there_before_the_run(tmp_path: Path) -> None:
    """It names what is opened; the run comes into it, and what was told on the way is said there."""
    come = asyncio.Event()

    async def connect() -> FakeLink:
        await come.wait()
        app.tell("book.md: 1 warning\x1b[2J")
        return story.go_gate(tmp_path)

    app = RunApp(title="book.md", connect=connect)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, Opening)
        frame = _shown(app)
        for words in ("book.md", "Checklist", "Before the first go", "Nothing runs before you say so"):
            assert words in frame
        come.set()
        for _ in range(200):
            await pilot.pause(0.02)
            if isinstance(app.screen, RunScreen):
                break
        await pilot.pause()
        assert "1 warning^[" in " ".join(str(one.message) for one in app._notifications)
        assert "Nova" in _shown(app)


async def test_whoever_leaves_the_frame_is_not_kept(tmp_path: Path) -> None:
    """`q` ends it while nothing has come yet."""

    async def connect() -> None:
        await asyncio.Event().wait()

    app = RunApp(title="book.md", connect=connect)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("q")
        await pilot.pause()
    assert (app.return_value, app.link) == ("left", None)


async def test_why_there_is_no_run_is_kept_for_the_command_line(tmp_path: Path) -> None:
    """The screen ends, and whoever opened it has the error."""

    async def connect() -> None:
        raise RunError("no process drives this run")

    app = RunApp(title="book.md", connect=connect)
    async with app.run_test() as pilot:
        for _ in range(200):
            await pilot.pause(0.02)
            if app.return_value:
                break
    assert str(app.failure) == "no process drives this run"
