"""Two runs on the compare screen: every step of both, how it differs, and ways through them."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.pilot import Pilot

from gonogo.errors import TrailError
from gonogo.tui.apps.compare import CompareApp
from gonogo.tui.beside import Beside, Columns, bar, detail, head_line, twin_line
from gonogo.tui.lines import width
from gonogo.tui.screens.compare import CompareScreen, Detail, Twins
from gonogo.tui.settings import Settings

from .besides import hostile, rehearsed
from .test_hostile import RAW

SIZES = [(80, 24), (120, 40), (200, 60)]


class Desk:
    """Somebody who compares."""

    def __init__(self, app: CompareApp, pilot: Pilot[str]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def screen(self) -> CompareScreen:
        """The compare screen."""
        return next(one for one in self.app.screen_stack if isinstance(one, CompareScreen))

    async def press(self, *keys: str) -> str:
        """Press keys, let the screen settle, and return what stands there."""
        await self.pilot.press(*keys)
        await self.pilot.pause()
        await self.pilot.pause()
        return self.shown()

    def shown(self) -> str:
        """What stands on the terminal, as text."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines)

    @property
    def titles(self) -> list[str]:
        """The steps that are listed."""
        return [one.title for one in self.screen.query_one(Twins).twins]


@asynccontextmanager
async def desk(
    read: Callable[[], Beside] = rehearsed,
    size: tuple[int, int] = (120, 40),
    chosen: Settings | None = None,
) -> AsyncIterator[Desk]:
    """Compare two runs, both of which have been read."""
    app = CompareApp("A and B", read, chosen or Settings())
    async with app.run_test(size=size, notifications=True) as pilot:
        one = Desk(app, pilot)
        for _ in range(500):
            await pilot.pause(0.01)
            if app.return_value is not None or one.screen.beside is not None:
                break
        await pilot.pause()
        yield one


@pytest.mark.parametrize("size", SIZES)
async def test_every_step_of_both_runs_stands_there(size: tuple[int, int]) -> None:
    """With how it differs, how long it took in each, and how much longer."""
    async with desk(size=size) as one:
        shown = one.shown()
        for words in (
            "3 hosts",
            "input version: 2013.1 / 2013.2",
            "4 of 6 steps differ",
            "Update the packages",
        ):
            assert words in shown
        rows = [line for line in shown.splitlines() if "█" in line]
        assert any("! Update the packages" in line and "+38 s" in line for line in rows)
        assert size[1] < 30 or any("  Restart the nodes" in line and "+5.0 s" in line for line in rows)
        assert one.screen.query_one(Twins).has_focus


async def test_n_goes_to_what_differs_and_the_pane_below_says_how() -> None:
    """Commands, output and failures of the chosen step; and it says when there is no other."""
    async with desk() as one:
        assert "has no such step" in await one.press("n")
        shown = await one.press("n")
        assert "The command differs" in shown
        assert "+ nova-manage db sync --yes" in shown
        assert "+ done, 3 rows" in shown
        assert "2 hosts, cp[07-08]: failed: exit code 1" in await one.press("n")
        assert "No step behind this one differs" in await one.press("n", "n")
        assert "The command differs" in await one.press("N", "N")


async def test_enter_gives_a_step_the_screen_and_escape_takes_it_back() -> None:
    """All that hosts printed has room there, and a batch has its own bars."""
    async with desk(size=(80, 24)) as one:
        shown = await one.press("n", "n", "n", "enter")
        assert "What hosts printed in B" in shown
        assert "No space left" in shown
        assert "Stop the API" not in shown
        assert "Stop the API" in await one.press("escape")
        shown = await one.press("down", "enter")
        assert "batch 2" in shown


async def test_only_what_differs_a_word_and_another_order() -> None:
    """Each can be taken back with escape, one after the other; the cursor stays on its step."""
    async with desk() as one:
        await one.press("n", "d")
        assert one.titles == [
            "Dump the database",
            "Sync the schema",
            "Update the packages",
            "Look at the cells",
        ]
        assert one.screen.chosen is not None
        assert one.screen.chosen.id == "dump"
        await one.press("s")
        assert one.titles[0] == "Update the packages"
        await one.press("slash", *"the s", "enter")
        assert one.titles == ["Sync the schema"]
        await one.press("slash", "x", "enter")
        assert "No step is like that" in one.shown()
        await one.press("escape", "escape", "escape")
        assert one.titles == [twin.title for twin in rehearsed().twins]


async def test_the_mouse_chooses_a_step_and_presses_the_keys_in_the_bar() -> None:
    """A click on a line shows that step; a click on a key does what it does."""
    async with desk() as one:
        await one.pilot.click("#twins", offset=(10, 4))
        await one.pilot.pause()
        assert one.screen.chosen is not None
        assert one.screen.chosen.id == "update"
        assert "No space left" in one.shown()
        gate = one.app.screen.query_one("#gate")
        at = one.shown().splitlines()[gate.region.y + 1].index("[d]")
        await one.pilot.click(offset=(at + 1, gate.region.y + 1))
        await one.press()
        assert len(one.titles) == 4


async def test_the_operators_own_keys_hold_in_help_bar_and_palette() -> None:
    """A key that was given away does nothing any more."""
    async with desk(chosen=Settings(keys={"compare.differing": "f5"})) as one:
        assert "[f5] only what differs" in one.shown()
        await one.press("d")
        assert len(one.titles) == 6
        await one.press("f5")
        assert len(one.titles) == 4
        assert "f5" in await one.press("question_mark")
        await one.press("escape")
        await one.press("ctrl+p", *"longer", "enter")
        assert one.screen.slowest
        await one.press("colon", *"theme: day", "enter")
        assert one.app.theme == "gonogo-day"


async def test_what_cannot_be_read_ends_the_screen_with_the_reason() -> None:
    """It is painted before both runs are read; then it leaves and hands the error on."""
    error = TrailError("the trail is empty")

    def read() -> Beside:
        raise error

    async with desk(read) as one:
        assert one.app.return_value == "left"
        assert one.app.trouble is error


async def test_it_is_painted_before_the_runs_are_read() -> None:
    """And can be left meanwhile."""
    go = threading.Event()

    def read() -> Beside:
        go.wait(30)
        return rehearsed()

    app = CompareApp("A and B", read)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        one = Desk(app, pilot)
        assert "reading both runs" in one.shown()
        await one.press("d", "n", "enter", "escape", "s")
        go.set()
        await pilot.press("q")
    assert app.return_value == "left"


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_words_are_shown_as_words(size: tuple[int, int]) -> None:
    """In every pane, in help, and while searching."""
    async with desk(hostile, size) as one:
        for keys in (
            (),
            ("n",),
            ("end", "enter"),
            ("escape", "d"),
            ("question_mark",),
            ("escape", "slash", "["),
        ):
            shown = await one.press(*keys)
            assert not RAW.search(shown)
            assert "\x1b" not in shown
        await one.press("escape")
        assert "a[/]b" in one.shown()


@settings(deadline=None, max_examples=30)
@given(st.integers(60, 300), st.integers(0, 200), st.integers(0, 10**13), st.integers(1, 10**13))
def test_no_line_is_wider_than_its_pane(cells: int, title: int, taken: int, longest: int) -> None:
    """Titles and bars share what there is; a bar is as wide as its column, and never empty for what ran."""
    columns = Columns.of(cells, title)
    for twin in (*rehearsed().twins, hostile().twins[-1]):
        assert width(twin_line(twin, columns, longest)) <= cells
        # A blank between two words may stand where a line was broken.
        assert all(width(line) <= cells + 1 for line in detail(twin, cells))
    assert width(head_line(columns)) <= cells
    drawn = bar(taken, longest, columns.bar)
    assert len(drawn) == columns.bar
    assert bool(drawn.strip()) == bool(taken)


async def test_any_size_is_survived() -> None:
    """Down to where nothing fits, and back."""
    async with desk() as one:
        for size in ((60, 16), (20, 5), (1, 1), (250, 80), (80, 24)):
            await one.pilot.resize_terminal(*size)
            await one.press("n")
        assert "Update the packages" in one.shown()
        assert one.screen.query_one(Detail).count
