"""The mouse on a real terminal: what looks as if it could be clicked can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import gonogo.tui.guard

from .glass import WHEEL_DOWN, WHEEL_UP, Glass

PAUSE = gonogo.tui.guard.PAUSE + 0.1
SIZES = ((80, 24), (200, 60))
Show = Callable[[str], Glass]


@pytest.fixture(params=SIZES, ids=["80x24", "200x60"])
def show(request: pytest.FixtureRequest, tmp_path: Path, root: Path) -> Iterator[Show]:
    """Return what shows a screen."""
    shown: list[Glass] = []

    def show(shot: str) -> Glass:
        folder = tmp_path / shot
        folder.mkdir()
        shown.append(Glass(root, shot, folder, request.param))
        return shown[-1]

    yield show
    for glass in shown:
        glass.close()


def test_the_run_screen(show: Show) -> None:
    """Steps, sections, hosts, headings, the bar's keys, and what opens over them."""
    glass = show("failure")
    glass.click("Disable the nodes")
    glass.sees("You are looking at another step")
    glass.click("back to the question")
    glass.misses("You are looking at another step")
    glass.click("▿ Afterwards")
    glass.misses("Start the API")
    glass.click("Afterwards")
    glass.sees("Start the API")
    glass.click("[?]")
    glass.sees("Answers")
    glass.click((0, 0))
    glass.misses("In this pane")
    glass.rest(PAUSE)
    glass.click("leave out")
    glass.sees("[enter] says it")
    glass.click("[esc]")
    glass.misses("[enter] says it")
    glass.rest(PAUSE)
    glass.click(" R ")
    glass.sees("no, back")
    glass.click("no, back")
    glass.misses("no, back")


def test_panes(show: Show) -> None:
    """A cell of the wall opens its host, a heading clicked twice has the screen alone, the wheel scrolls."""
    glass = show("hundreds")
    x, y = glass.find("Hosts")
    glass.click((x + 2, y + 1))
    glass.sees("Output  ✓ cell01-n00")
    glass.click("Output", times=2)
    glass.misses("Checklist")
    glass.click("Output", times=2)
    glass.sees("Checklist")
    glass = show("thousands")
    x, y = glass.find("Hosts")

    def first(state: str) -> Callable[[str], bool]:
        return lambda shown: shown.split("\n")[y + 1][x:].startswith(state)

    glass.until(first("✗"))
    for _ in range(5):
        glass.mouse(WHEEL_DOWN, x + 3, y + 3)
    glass.until(first("✓"))
    for _ in range(8):
        glass.mouse(WHEEL_UP, x + 3, y + 3)
    glass.until(first("✗"))


def test_home(show: Show) -> None:
    """A line shows its ways, a click beside them or on a key leaves them; typing goes on finding."""
    glass = show("home")
    glass.click("Past runs")
    glass.sees("Nova, Grizzly to Havana")
    glass.click("Nova, Grizzly to Havana")
    glass.sees("[esc] back")
    glass.click((5, 2))
    glass.misses("take it")
    glass.press("zzz")
    glass.sees("Nothing has all these words.")
    glass.click("[esc]")
    glass.misses("zzz")
    glass.click("[f1]")
    glass.sees("Home", "only lines that hold all the words")


def test_lists(show: Show) -> None:
    """The palette's lines, and the ways of a small list."""
    glass = show("failure")
    glass.sees("leave out")
    glass.click("[:]")
    x, y = glass.find("retry failed: run it again")
    if glass.size[1] < 40:  # a large terminal has all of it in sight
        glass.mouse(WHEEL_DOWN, x, y)
        glass.misses("retry failed: run it again")
    glass.press("copy a list")
    glass.misses("by hand: you")
    glass.click("copy a list of hosts")
    glass.click("a  all ")
    glass.click("one name a line")
    glass.sees("went to the clipboard")


def test_the_time_line(show: Show) -> None:
    """A press goes there, drawing the mouse goes along, the sign plays and pauses."""
    glass = show("replay")
    glass.sees("BEGINNING")
    row = glass.find("1/252")[1] + 2
    glass.mouse(0, glass.size[0] // 2, row)
    glass.misses(" 1/252")
    half = glass.shown()
    glass.mouse(32, glass.size[0] - 2, row)
    glass.mouse(0, glass.size[0] - 2, row, up=True)
    glass.sees("252/252")
    assert glass.shown() != half
    glass.click("go to")
    glass.sees("[enter] goes there")
    glass.press("#1\r")
    glass.sees(" 1/252")
    sign = glass.find("❚❚")
    glass.click(sign)
    glass.sees("▶ 1x")
    glass.click(sign)
    glass.sees("❚❚")
