"""Five thousand hosts in one step at 120x40: named, found, narrowed and opened, by mouse and by keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.content import Content
from textual.geometry import Offset

from gonogo.tui.widgets.output import Output
from gonogo.tui.widgets.wall import Wall

from .fake import FakeLink, plan_of, planned
from .test_screen import Desk, desk

HOSTS = [f"node{number:04d}" for number in range(5_000)]
FAILED = {7: "exit 1", 81: "disk full", 4321: "exit 2"}


@pytest.fixture
def link(tmp_path: Path) -> FakeLink:
    """All are out, three have failed."""
    found = FakeLink(plan_of([planned("Wide", HOSTS)]), tmp_path)
    found.begin(0)
    for number, why in FAILED.items():
        found.exit(0, HOSTS[number], "failed", f"on {number}\n".encode(), why=why, code=1)
    return found


def heading(one: Desk) -> str:
    """What stands at the wall's upper edge."""
    return Content.from_markup(str(one.screen.query_one(Wall).border_title)).plain


async def hover(one: Desk, place: int) -> None:
    """Put the mouse on a host's cell."""
    wall = one.screen.query_one(Wall)
    columns = wall.cells
    y, x = divmod(place, columns)
    await one.pilot.hover(wall, offset=Offset(x + 1, y + 1 - wall.scroll_offset.y))
    await one.pilot.pause()


async def test_the_mouse_names_a_host(link: FakeLink) -> None:
    """Its state and why it failed, while the mouse is there; then all are counted again."""
    async with desk(link) as one:
        assert "3 failed" in heading(one)
        await hover(one, 81)
        assert heading(one).startswith("✗ node0081")
        assert "failed" in heading(one)
        assert "exit 1 after" in heading(one)
        assert "disk full" in heading(one)
        await hover(one, 82)
        assert heading(one).startswith("▸ node0082")
        await one.pilot.hover("#step")
        await one.pilot.pause()
        assert "3 failed" in heading(one)


async def test_the_cursor_names_a_host(link: FakeLink) -> None:
    """Left, right, up and down go from cell to cell; the line says which."""
    async with desk(link) as one:
        wall = one.screen.query_one(Wall)
        wall.focus()
        await one.press(*["right"] * 7)
        assert heading(one).startswith("✗ node0007")
        await one.press("down")
        assert heading(one).startswith(f"▸ node{7 + wall.cells:04d}")
        await one.press("end")
        assert heading(one).startswith("▸ node4999")
        assert wall.scroll_offset.y > 0


async def test_failures_are_gone_through_both_ways(link: FakeLink) -> None:
    """Each opens its own output; behind the last comes the first."""
    async with desk(link) as one:
        seen = []
        for _ in range(4):
            await one.press("]")
            seen.append(one.screen.query_one(Output).host)
        await one.press("[")
        seen.append(one.screen.query_one(Output).host)
        assert seen == ["node0007", "node0081", "node4321", "node0007", "node4321"]


async def test_a_click_opens_a_host_in_a_narrowed_wall(link: FakeLink) -> None:
    """Cells are those of the hosts that are left; what is opened is the one that was named."""
    async with desk(link) as one:
        await one.press("H", *"bad", "enter")
        assert "only bad: 3" in one.shown()
        wall = one.screen.query_one(Wall)
        await one.pilot.click(wall, offset=Offset(14, 1))
        await one.paint()
        assert one.screen.query_one(Output).host == "node0081"
        assert "node0081" in one.shown()
        await one.press("z")
        assert one.screen.maximized is wall


async def test_a_pattern_narrows_five_thousand(link: FakeLink) -> None:
    """A part of a name, a pattern, a state."""
    async with desk(link) as one:
        for wanted, number in (("43", 199), ("node432?", 10), ("failed", 3), ("running", 4_997)):
            await one.press("H", *["backspace"] * 12, *wanted, "enter")
            assert f"only {wanted}: {number}" in heading(one)


async def test_cells_that_are_alike_are_painted_together(link: FakeLink) -> None:
    """A line of thousands of hosts has a piece for each change of state, not for each host."""
    async with desk(link) as one:
        wall = one.screen.query_one(Wall)
        lines = [wall.line(y) for y in range(wall.count)]
        assert sum(len(text) for line in lines for text, _ in line) == len(HOSTS)
        assert sum(map(len, lines)) <= wall.count + 2 * len(FAILED)
