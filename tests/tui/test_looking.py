"""Output and hosts: views of some of it, searches through all of it, lists to hand on."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from gonogo.hosts import pick
from gonogo.tui.lists import as_limit, as_lines, as_names, host_lists
from gonogo.tui.screens.choose import Choose
from gonogo.tui.screens.replay_find import Find, FoundPane
from gonogo.tui.widgets.output import Output

from .fake import FakeLink, plan_of, planned
from .test_screen import Desk, desk

HOSTS = tuple(f"cp{number:02d}" for number in range(1, 9))


@pytest.fixture
def link(tmp_path: Path) -> FakeLink:
    """Six print the same, one differs, one has failed; two have a word far down."""
    found = FakeLink(plan_of([planned("Look", HOSTS)]), tmp_path)
    found.begin(0)
    for host in HOSTS[:6]:
        found.exit(0, host, printed=b"kernel 4.18\n")
    long = b"".join(b"line %d\n" % number for number in range(200))
    found.exit(0, HOSTS[6], printed=b"kernel 5.14\n" + long + b"the needle is here\nNeedle again\n")
    found.exit(0, HOSTS[7], "failed", long + b"a needle, too\n", why="exit 3", code=3)
    found.tell("round.end", turn=0)
    found.ask()
    return found


def lines(one: Desk) -> str:
    """The output pane's lines."""
    output = one.screen.query_one(Output)
    return "\n".join(output.text(y) for y in range(output.count))


async def settled(one: Desk) -> None:
    """Wait for what is read in threads."""
    for _ in range(40):
        await one.pilot.pause(0.01)
    await one.paint()


async def test_only_some_hosts_output_is_shown(link: FakeLink) -> None:
    """What failed, what is odd, and all again; the pane says which."""
    async with desk(link) as one:
        assert "kernel 4.18" in lines(one)
        await one.press("i")
        assert "cp08" in lines(one)
        assert "kernel" not in lines(one)
        assert "only what failed" in one.shown()
        await one.press("i")
        assert "kernel 5.14" in lines(one)
        assert "kernel 4.18" not in lines(one)
        await one.press("i")
        assert "kernel 4.18" in lines(one)


async def test_a_word_is_found_in_all_that_every_host_printed(link: FakeLink) -> None:
    """Places are listed; one opens its host there, and n goes on into the next host, and round."""
    async with desk(link) as one:
        await one.press("*", *"needle", "enter")
        await settled(one)
        found = one.pilot.app.screen
        assert isinstance(found, Find)
        assert [hit.host for hit in found.query_one(FoundPane).hits] == ["cp07", "cp07", "cp08"]
        await one.pilot.press("down", "enter")
        await settled(one)
        output = one.screen.query_one(Output)
        assert (output.host, output.text(output.cursor)) == ("cp07", "Needle again")
        await one.press("n")
        await settled(one)
        assert (output.host, output.text(output.cursor)) == ("cp08", "a needle, too")
        await one.press("N")
        await settled(one)
        assert (output.host, output.text(output.cursor)) == ("cp07", "Needle again")


async def test_hosts_are_copied_in_three_ways(link: FakeLink) -> None:
    """The group under the cursor, those in question, all; folded, for --limit, one a line."""
    async with desk(link) as one:
        for keys, wanted in (
            ("gl", "--limit 'cp[01-06]'"),
            ("mn", "cp08"),
            ("ml", "--limit cp08"),
            ("oe", "cp07\n"),
            ("an", "cp[01-08]"),
        ):
            output = one.screen.query_one(Output)
            output.move_to(next(y for y in range(output.count) if "kernel 4.18" in output.text(y)))
            await one.press("Y")
            assert isinstance(one.pilot.app.screen, Choose)
            await one.pilot.press(*keys)
            await one.paint()
            assert one.pilot.app.clipboard == wanted


async def test_a_narrowed_wall_can_be_copied(link: FakeLink) -> None:
    """The hosts that it shows."""
    async with desk(link) as one:
        await one.press("H", *"cp0[12]", "enter")
        await one.press("Y")
        await one.pilot.press("w", "l")
        await one.paint()
        assert one.pilot.app.clipboard == "--limit 'cp[01-02]'"


def test_what_is_copied_means_those_hosts() -> None:
    """Also of names that a pattern would read otherwise: then they stand as they are, one by one."""
    for hosts in (("a1", "a2"), ("a", "b*", "bad"), ("x y", "z"), ("web!1", "web2"), ("[/opt]", "q")):
        words = shlex.split(as_limit(hosts))
        assert words[0] == "--limit"
        if "*" not in "".join(hosts) and " " not in "".join(hosts):
            assert words[1] == as_names(hosts)
    assert set(pick(as_names(("a1", "a2", "b7")), ("a1", "a2", "b7", "c"))) == {"a1", "a2", "b7"}
    assert as_lines(("a", "b\x1b[31m")).count("\x1b") == 0


def test_a_list_is_offered_once(link: FakeLink) -> None:
    """Two names for the same hosts are one too many; none is offered for this machine."""
    turn = link.state.turns[0]
    assert [one.word for one in host_lists(turn, None)] == ["not ok", "odd", "all"]
    assert [one.word for one in host_lists(turn, link.state.gate)] == ["in question", "odd", "all"]
    alone = FakeLink(plan_of([planned("Here")]), link.directory)
    assert host_lists(alone.state.turns[0], None) == []
