"""Before the first go: who can be reached, and going without those who cannot."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from gonogo.run.plan import Plan, PlannedHost
from gonogo.run.state import Answer

from .fake import FakeLink, plan_of, planned
from .test_screen import desk

HOSTS = tuple(f"cp{number:02d}" for number in range(1, 13))


def plan() -> Plan:
    """Two steps, one of them on two hosts alone."""
    steps = [planned("Update", HOSTS), planned("Fence", HOSTS[:2])]
    made = plan_of(steps, "Nova")
    return replace(made, preflight=True, hosts={name: PlannedHost() for name in HOSTS})


def asked(run: Path) -> FakeLink:
    """Nothing has run, and nobody looked yet."""
    link = FakeLink(plan(), run)
    link.ask()
    return link


def looked(run: Path, *, whole: bool = True) -> FakeLink:
    """Two are refused and one never answers."""
    link = asked(run)
    link.say(Answer.REACH)
    link.tell("reach.begin", hosts=12)
    link.tell("reach.found", hosts=list(HOSTS[3:9]), why="")
    link.tell("reach.found", hosts=list(HOSTS[:2]), why="connection refused")
    if whole:
        link.tell("reach.found", hosts=list(HOSTS[9:]), why="")
        link.tell("reach.found", hosts=["cp03"], why="no answer in 10 s")
        link.tell("reach.end")
        link.ask()
    return link


async def test_one_key_looks_who_can_be_reached(tmp_path: Path) -> None:
    """It is an answer to the first question alone."""
    async with desk(asked(tmp_path)) as one:
        assert "who is there?" in one.shown()
        await one.press("c")
        assert one.said == [(Answer.REACH, "", "")]


async def test_what_is_found_is_told_as_it_comes(tmp_path: Path) -> None:
    """Counted, with reasons and folded names, on the page and in the bar; it can be ended."""
    link = looked(tmp_path, whole=False)
    async with desk(link) as one:
        shown = one.shown()
        assert "8/12 heard of" in shown
        assert "2 cannot be reached" in shown
        assert "⌀ 2 hosts  cp[01-02]  connection refused" in shown
        assert "4 not heard of yet" in shown
        await one.press("x")
        await one.press("y")
        assert link.cancels == [()]


async def test_going_without_them_is_a_way_on(tmp_path: Path) -> None:
    """It wants a reason; enter alone goes nowhere; they are left out then, and the steps say so."""
    link = looked(tmp_path)
    async with desk(link) as one:
        assert "go without" in one.shown()
        await one.press("enter")
        assert not one.said
        await one.press("l")
        await one.pilot.press(*"rack", "enter")
        await one.paint()
        assert one.said == [(Answer.LEAVE_OUT, "rack", "")]
        link.ask()
        await one.paint()
        shown = one.shown()
        assert "– 3 hosts left out  cp[01-03]  rack" in shown
        assert "no host left" in shown
        assert "on 9 hosts?" in shown


async def test_starting_with_them_asks_once_more(tmp_path: Path) -> None:
    """A slip of the finger does not start a run that will fail."""
    async with desk(looked(tmp_path)) as one:
        await one.press("g")
        assert not one.said
        await one.press("y")
        assert one.said == [(Answer.GO, "", "")]


async def test_where_all_have_to_be_reached_there_is_no_go(tmp_path: Path) -> None:
    """The key that would start does nothing."""
    link = FakeLink(plan(), tmp_path)
    link.state.start["reach"] = True
    link.tell("reach.begin", hosts=12)
    link.tell("reach.found", hosts=list(HOSTS), why="connection refused")
    link.tell("reach.end")
    link.ask()
    async with desk(link, size=(80, 24)) as one:
        await one.press("g", "enter")
        assert not one.said
        assert "start with" not in one.shown()


async def test_who_was_not_heard_of_is_named(tmp_path: Path) -> None:
    """The looking was ended before they answered."""
    link = looked(tmp_path, whole=False)
    link.tell("reach.end")
    link.ask()
    async with desk(link) as one:
        assert "? 4 hosts  cp[03,10-12]  not heard of" in one.shown()
