"""What check found in a runbook: counted before the first go and on Home, listed with a key."""

from __future__ import annotations

from pathlib import Path

from gonogo.run.state import Record
from gonogo.tui.apps.run import RunApp
from gonogo.tui.mistakes import Mistake, counted, page
from gonogo.tui.screens.run import RunScreen
from gonogo.tui.shelf import Book

from .shelves import Full
from .test_home import desk as home_desk
from .test_projection import text
from .test_reach import asked
from .test_screen import Desk, Time

FOUND = (
    Mistake(False, "nova.md:12:3", "no way back is named", "Say rollback, or no-rollback."),
    Mistake(True, "nova.md:20:1", "[@click=app.quit]the [b]host\x1b[31m is unknown"),
)


async def test_they_stand_before_the_first_go(tmp_path: Path) -> None:
    """The check runs once, behind the first paint; its key lists what it found."""
    asked_for: list[Record] = []

    def check(start: Record) -> tuple[Mistake, ...]:
        asked_for.append(start)
        return FOUND

    link = asked(tmp_path)
    app = RunApp(link, check=check)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        one = Desk(pilot, link, Time())
        for _ in range(100):
            await pilot.pause(0.01)
            await one.paint()
            if "1 mistake, 1 warning" in one.shown():
                break
        assert isinstance(app.screen, RunScreen)
        assert "✗ 1 mistake, 1 warning  [P] lists them" in one.shown()
        await pilot.press("P")
        await pilot.pause()
        assert "no way back is named  nova.md:12:3" in one.shown()
        assert "[@click=app.quit]the [b]host" in one.shown()
        await pilot.press("escape")
        assert isinstance(app.screen, RunScreen)
        assert len(asked_for) == 1


async def test_nothing_is_said_where_nothing_was_checked(tmp_path: Path) -> None:
    """The key says so."""
    link = asked(tmp_path)
    async with RunApp(link).run_test(size=(80, 24), notifications=True) as pilot:
        one = Desk(pilot, link, Time())
        await one.press("P")
        assert "was not checked" in one.shown()
        assert "What check found" not in one.shown()


class Faulty(Full):
    """A runbook with mistakes."""

    def books(self) -> list[list[Book]]:  # type: ignore[override]
        """Return the one."""
        return [[Book("/srv/nova.md", "nova.md", "Nova", 1, 1, checked=True, mistakes=FOUND)]]


async def test_home_lists_them() -> None:
    """The key stands in the foot while such a runbook is chosen."""
    async with home_desk(Faulty()) as one:
        await one.press(*"nova.md")
        assert "[f2] 1 mistake, 1 warning" in one.shown()
        await one.press("f2")
        assert "Say rollback, or no-rollback." in one.shown()
        await one.press("escape")
        assert "[f2]" in one.shown()


def test_a_page_holds_only_so_many() -> None:
    """A document of thousands of mistakes does not become a page of thousands."""
    many = FOUND[:1] * 900
    told = text(page(many, 60))
    assert told.count("no way back") == 200
    assert "and 700 more" in told
    assert counted(many) == "900 warnings"
    assert "finds nothing" in text(page((), 60))
