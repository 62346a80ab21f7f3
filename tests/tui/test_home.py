"""Home: everything that waits, is here or is past, found by typing and opened with enter."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from gonogo.tui.apps.home import HomeApp
from gonogo.tui.screens.home import Entries
from gonogo.tui.shelf import Book, Entry, Ran, Shelf, detail, entries

from .shelves import Empty, Full, Hostile
from .test_hostile import RAW
from .test_projection import text

SIZES = ((80, 24), (120, 40), (200, 60))


class Desk:
    """Somebody at Home."""

    def __init__(self, app: HomeApp, pilot: Pilot[str]) -> None:
        self.app, self.pilot = app, pilot

    async def press(self, *keys: str) -> None:
        """Press keys and let the screen settle."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def shown(self) -> str:
        """What stands on the terminal, as text."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line) for line in lines)


@asynccontextmanager
async def desk(shelf: Shelf, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Desk]:
    """Open Home, with all that is on its shelf in sight."""
    app = HomeApp(shelf)
    async with app.run_test(size=size, notifications=True) as pilot:
        wanted = len(entries(shelf.runs(), list(shelf.books())[-1]))
        for _ in range(200):
            await pilot.pause(0.01)
            if len(app.screen.query_one(Entries).entries) == wanted:
                break
        await pilot.pause()
        yield Desk(app, pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_what_waits_stands_first(size: tuple[int, int]) -> None:
    """Runs that wait, runs that go on, runbooks with their last run and their mistakes, the past."""
    async with desk(Full(), size) as one:
        shown = one.shown()
        found = [
            shown.index(words) for words in ("Waiting for you", "Not over", "Runbooks here", "Past runs")
        ]
        assert found == sorted(found)
        assert "Update the packages" in shown
        assert "1 mistake" in shown
        assert "never run" in shown
        assert "2 d ago" in shown
        assert "enter  attach" in shown


async def test_enter_goes_back_to_what_waits() -> None:
    """The first line is the one that wants somebody."""
    async with desk(Full()) as one:
        await one.press("enter")
        assert one.app.chosen[0] == "attach"
        assert "nova" in one.app.chosen[1]


async def test_typing_finds_a_runbook() -> None:
    """Words narrow the lines; enter runs it."""
    async with desk(Full()) as one:
        await one.press(*"galera")
        assert "Waiting for you" not in one.shown()
        await one.press("enter")
        assert one.app.chosen == ("run", "/home/alice/runbooks/galera.yaml")


async def test_tab_shows_every_way() -> None:
    """One key each: a runbook can be rehearsed, a past run replayed."""
    async with desk(Full()) as one:
        await one.press(*"galera", "tab")
        assert "run it on simulated hosts" in one.shown()
        await one.press("2")
        assert one.app.chosen[0] == "rehearse"
    async with desk(Full()) as one:
        await one.press(*"ceph aborted", "tab", "1")
        assert one.app.chosen[0] == "replay"


@pytest.mark.parametrize("cells", [58, 78, 198])
def test_a_chosen_runbook_says_how_long_its_last_run_took(cells: int) -> None:
    """Its line has no room for that in a narrow terminal. A run that is not over took nothing yet."""
    book = Book("/a/nova.md", "nova.md", "Nova", checked=True)
    ran = Ran("one", "/runs/one", "Nova", "go", seconds=7560.0)
    took = "its last run took 2 h 06 m"
    assert took in text(detail(Entry(book=book, last=ran), cells))
    for last in (None, replace(ran, status="waiting")):
        assert "took" not in text(detail(Entry(book=book, last=last), cells))


async def test_a_dead_run_is_resumed_not_attached() -> None:
    """The way on is the one that works."""
    async with desk(Full()) as one:
        await one.press("down", "enter")
        assert one.app.chosen[0] == "resume"


async def test_a_click_shows_the_ways() -> None:
    """The mouse finds them as well."""
    async with desk(Full()) as one:
        await one.pilot.click(Entries, offset=(10, 2))
        await one.pilot.pause()
        assert "[esc] back" in one.shown()


async def test_escape_clears_then_leaves() -> None:
    """Nothing is chosen."""
    async with desk(Full()) as one:
        await one.press("z", "z", "z")
        assert "Nothing has all these words." in one.shown()
        await one.press("escape")
        assert "Waiting for you" in one.shown()
        await one.press("escape")
        assert one.app.chosen == ()
        assert one.app.return_value == "chosen"


async def test_an_empty_home_says_where_to_begin() -> None:
    """Two ways to begin, and enter takes one; both have nothing else to be done with them."""
    async with desk(Empty()) as one:
        assert "gonogo demo" in one.shown()
        assert "enter  demo" in one.shown()
        assert "more" not in one.shown()
        await one.press("down", "enter")
        assert one.app.chosen == ("new",)


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_names_are_words(size: tuple[int, int]) -> None:
    """Nothing is obeyed, no line breaks the screen."""
    async with desk(Hostile(), size) as one:
        await one.press("down", "tab", "escape", "[", "escape", "pagedown")
        assert one.app.return_value is None
        assert not RAW.search(one.shown())
        assert re.search(r"a\[/\]b", one.shown())
