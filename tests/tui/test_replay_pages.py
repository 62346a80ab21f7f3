"""What the run's screen has besides the run itself, at any moment of a replay."""

from __future__ import annotations

from pathlib import Path

from gonogo.tui.screens.hop import Hop
from gonogo.tui.screens.monitors import Monitors
from gonogo.tui.screens.rounds import Rounds
from gonogo.tui.widgets.strip import MonitorStrip

from ..run.recorded import write_trail
from . import watched
from .test_replay import link, press, replaying, screen, shown


async def test_monitors_and_rounds_are_those_of_the_moment(tmp_path: Path) -> None:
    """The status line, the charts, the results; nothing can be asked for from there."""
    told = watched.watched(tmp_path)
    write_trail(tmp_path, told.state.plan, told.records)
    async with replaying(tmp_path) as pilot:
        assert "no number yet" in await shown(pilot)
        assert screen(pilot).query_one(MonitorStrip).display
        await press(pilot, "dollar_sign")
        assert "✗ 102 req/s" in await shown(pilot)
        await press(pilot, "M")
        assert isinstance(pilot.app.screen, Monitors)
        await press(pilot, "escape", "T")
        assert isinstance(pilot.app.screen, Rounds)
        assert "Round 2 of 2" in await shown(pilot)
        await press(pilot, "t", "b", "x", "escape")
        assert len(link(pilot).state.rounds) == 2
        await press(pilot, "0")
        await press(pilot, "T")
        assert "No round of tests has run yet" in await shown(pilot)


async def test_letters_and_views_work_there_too(tmp_path: Path) -> None:
    """Jump mode, and only some hosts' output."""
    told = watched.watched(tmp_path)
    write_trail(tmp_path, told.state.plan, told.records)
    async with replaying(tmp_path) as pilot:
        await press(pilot, "apostrophe")
        assert isinstance(pilot.app.screen, Hop)
        await press(pilot, "escape", "i")
        assert "only what failed" in await shown(pilot)
