"""Titles of the checklist: one line, or more where there is room for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from gonogo.tui.lines import broken
from gonogo.tui.widgets.checklist import Checklist

from .shots import nested
from .test_screen import Desk, desk


def lines(one: Desk) -> list[str]:
    """Return the checklist's lines."""
    pane = one.screen.query_one(Checklist)
    return ["".join(text for text, _ in pane.line(y)).rstrip() for y in range(pane.count)]


@pytest.mark.parametrize(
    ("text", "first", "rest", "told"),
    [
        ("Stop all", 8, 4, ["Stop all"]),
        ("Stop all nodes", 10, 8, ["Stop all", "nodes"]),
        ("Stop all nodes now, at once", 10, 8, ["Stop all", "nodes", "now, at…"]),
        ("Unbreakable", 6, 9, ["Unbrea", "kable"]),
        ("日本語 日本", 7, 4, ["日本語", "日本"]),
    ],
)
def test_a_title_is_broken(text: str, first: int, rest: int, told: list[str]) -> None:
    """Between words where that can be; what has no room on the last line is cut."""
    assert broken(text, first, rest, 3) == told


async def test_titles_take_the_lines_that_are_left(tmp_path: Path) -> None:
    """At 80 by 24 long ones have more than one, also sections', and all of them fit into the pane."""
    async with desk(nested(tmp_path), (80, 24)) as one:
        pane = one.screen.query_one(Checklist)
        shown = lines(one)
        assert shown[5:7] == ["     whether the queue is", "     drained"]
        assert "  availability zone one" in shown
        assert pane.count <= pane.size.height
        assert all(cell_len(line) <= pane.cells for line in shown)


async def test_where_lines_are_few_the_steps_that_matter_have_two(tmp_path: Path) -> None:
    """The one that is looked at and the run's own; other titles are cut."""
    async with desk(nested(tmp_path), (80, 18)) as one:
        await one.press("j", "j")
        shown = lines(one)
        assert "     whether the queue is …" in shown
        assert "     nova-compute and rest…" in shown
        assert "   · Wait for the agents t…" in shown
        assert len(shown) == 14


async def test_the_cursor_steps_over_second_lines(tmp_path: Path) -> None:
    """A step is one stop; a click on either of its lines looks at it."""
    async with desk(nested(tmp_path), (80, 24)) as one:
        pane = one.screen.query_one(Checklist)
        for step in (3, 4, 5, 6):
            await one.press("j")
            assert one.screen.looked == one.link.state.plan.turns_of(step)[0].index
        y = lines(one).index("     drained")
        await one.pilot.click(Checklist, offset=(8, y + 1 - pane.scroll_offset.y))
        await one.paint()
        assert one.screen.looked == 2


async def test_a_time_stands_where_no_title_is_cut_for_it(tmp_path: Path) -> None:
    """Given enough lines, titles are whole, with what stands at their right."""
    async with desk(nested(tmp_path), (80, 36)) as one:
        shown = lines(one)
        at = shown.index("   ✓ Stop        3  ×2 8.0 s")
        assert shown[at + 1 : at + 3] == ["     Galera on all nodes but", "     the one that bootstraps"]
        assert not any("…" in line for line in shown)
