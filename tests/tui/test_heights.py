"""Step, hosts and output share the height of the screen."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from gonogo.tui.heights import GROUPS, LEAST, Shares, Wants
from gonogo.tui.widgets.output import Output
from gonogo.tui.widgets.wall import Wall

from .shots import settled, thousands
from .test_screen import desk

ROOM = st.integers(12, 80)
LINES = st.integers(2, 200)


@given(ROOM, LINES, LINES, LINES, st.booleans())
def test_each_has_a_part_and_what_is_left_goes_to_who_needs_it(
    room: int, about: int, hosts: int, printed: int, idle: bool
) -> None:
    """The output keeps a fifth or what it wants, and nothing past two groups is left over while wanted."""
    shares = Shares(room, about, printed, idle=idle, wide=False)
    taken = min(hosts, shares.wall)
    step = shares.step(taken)
    left = room - taken - step
    assert left >= (LEAST if idle else min(printed, room // 5))
    if left > max(printed, LEAST if idle else GROUPS):
        assert taken == hosts
        assert step == max(about, LEAST)


@given(ROOM, LINES, LINES)
def test_beside_a_wide_output_step_and_hosts_fill_their_column(room: int, about: int, hosts: int) -> None:
    """Either has half of it, and what the other one leaves."""
    shares = Shares(room, about, 0, idle=False, wide=True)
    taken = min(hosts, shares.wall)
    assert taken + shares.step(taken) in range(min(room, taken + about), room + LEAST)


def test_lines_that_come_do_not_move_panes_for_each_of_them() -> None:
    """The output asks for more in steps and never for less again, also when it is looked at again."""
    wants = Wants()
    asked = [wants.lines(count, "step 1") for count in (1, 2, 3, 4, 5, 8, 9, 3, 1)]
    assert asked == [4, 4, 4, 4, 8, 8, 12, 12, 12]
    assert wants.lines(None, "step 1") is None
    assert wants.lines(2, "step 2") == 4
    assert wants.lines(0, "step 1") == 12


async def test_thousands_of_hosts_take_the_rows_that_a_short_output_leaves(tmp_path: Path) -> None:
    """And a host's own output, which may be of any length, has its part again."""
    async with desk(thousands(tmp_path)) as one:
        wall, output = one.screen.query_one(Wall), one.screen.query_one(Output)
        await settled(one.pilot)
        await one.paint()
        room = one.screen.query_one("#work").size.height
        assert wall.height > room // 3
        assert output.size.height >= output.count
        await one.press("right_square_bracket")
        assert wall.height == room // 3
