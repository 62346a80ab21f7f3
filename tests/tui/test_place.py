"""Where the operator is in a step's output: the same line, however wide and high the terminal becomes."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.tui.widgets.output import Output

from .fake import FakeLink, plan_of, planned
from .test_looking import settled
from .test_screen import Desk, desk

SIZES = ((80, 24), (200, 60), (70, 18), (120, 40))
LONG = " ".join(f"word{number}" for number in range(40))


@pytest.fixture
def link(tmp_path: Path) -> FakeLink:
    """Six hosts print lines that are longer than any terminal, two of them other ones; one fails."""
    found = FakeLink(plan_of([planned("Look", tuple("abcdef"))]), tmp_path)
    found.begin(0)
    for host in "abcdef":
        odd = "odd " if host in "de" else ""
        printed = "".join(f"line {number} {odd}{LONG}\n" for number in range(9 if host != "f" else 900))
        bad = host == "f"
        found.exit(
            0, host, "failed" if bad else "ok", printed.encode(), why=f"exit 3: {LONG}" * bad, code=3 * bad
        )
    found.tell("round.end", turn=0)
    found.ask()
    return found


def under_cursor(one: Desk) -> str:
    """Return the line under the output's cursor; it is in sight."""
    output = one.screen.query_one(Output)
    assert 0 <= output.cursor - output.scroll_offset.y < output.scrollable_content_region.height
    return output.text(output.cursor)


async def resized(one: Desk, size: tuple[int, int]) -> None:
    """Give the terminal another size, and let everything come to rest."""
    await one.pilot.resize_terminal(*size)
    await settled(one)


async def test_the_cursor_keeps_its_line_in_one_host_s_output(link: FakeLink) -> None:
    """At every width and height, also when long lines are cut instead of broken."""
    async with desk(link) as one:
        one.screen.open_host("f")
        one.screen.query_one(Output).focus()
        await settled(one)
        output = one.screen.query_one(Output)
        output.move_to(next(y for y in range(output.count) if output.text(y).startswith("line 637 ")))
        await settled(one)
        for size in SIZES:
            await resized(one, size)
            assert under_cursor(one).startswith("line 637 ")
        await one.press("w")
        await settled(one)
        assert under_cursor(one).startswith("line 637 ")


async def test_the_cursor_keeps_its_line_in_groups(link: FakeLink) -> None:
    """It stays with the same hosts and their same line."""
    async with desk(link) as one:
        output = one.screen.query_one(Output)
        output.focus()
        output.move_to(next(y for y in range(output.count) if output.text(y).startswith("  line 4 odd")))
        await settled(one)
        for size in SIZES:
            await resized(one, size)
            assert under_cursor(one).startswith("  line 4 odd")
            assert output.group == ("d", "e")


async def test_what_was_scrolled_to_stays_on_top(link: FakeLink) -> None:
    """With the wheel the cursor is left behind: then the line on top is where somebody reads."""
    async with desk(link) as one:
        one.screen.open_host("f")
        await settled(one)
        output = one.screen.query_one(Output)
        output.action_follow()
        top = next(y for y in range(output.count) if output.text(y).startswith("line 300 "))
        output.scroll_to(y=top, animate=False, immediate=True)
        await settled(one)
        for size in SIZES:
            await resized(one, size)
            assert output.text(int(output.scroll_offset.y)).startswith("line 300 ")


async def test_the_end_is_followed_at_every_size(link: FakeLink) -> None:
    """Whoever stands at the end stays there."""
    async with desk(link) as one:
        one.screen.open_host("f")
        await settled(one)
        output = one.screen.query_one(Output)
        for size in SIZES:
            await resized(one, size)
            assert output.cursor == output.count - 1
            assert under_cursor(one)
