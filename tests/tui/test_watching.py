"""Monitors in the status line and on their page; rounds of the test plan, run and read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from gonogo.run.monitors import Level, Sample, Series
from gonogo.run.state import Answer
from gonogo.tui.keys.dialog import MONITORS, ROUNDS
from gonogo.tui.lines import width
from gonogo.tui.monitors import AXIS, monitors_page, strip
from gonogo.tui.palette import commands
from gonogo.tui.rounds import last_round
from gonogo.tui.screens.monitors import Monitors
from gonogo.tui.screens.rounds import RoundPane, Rounds
from gonogo.tui.settings import Settings
from gonogo.tui.spark import chart, limit_label, number, recent, spark
from gonogo.tui.symbols import LEVELS
from gonogo.tui.widgets.strip import MonitorStrip

from . import gates, story, watched
from .fake import FakeLink
from .test_projection import text
from .test_screen import desk


@pytest.mark.parametrize("cells", [80, 120, 200])
def test_every_monitor_stands_in_the_status_line(tmp_path: Path, cells: int) -> None:
    """With its number, unit and sign; the course is drawn where there is room."""
    line = strip(watched.watched(tmp_path).state, cells)
    told = text([line])
    assert width(line) <= cells
    assert "req/s" in told
    assert f"{LEVELS[Level.ALARM].symbol} " in told
    assert ("▁" in told) is (cells > 80)


def test_the_worst_monitor_is_never_left_out(tmp_path: Path) -> None:
    """Where not all have room, those that are well are only counted."""
    link = watched.watched(tmp_path)
    more = tuple(watched.monitor(f"Monitor {at}") for at in range(30))
    link.state.plan = replace(link.state.plan, monitors=(*more, *link.state.plan.monitors))
    line = strip(link.state, 60)
    assert width(line) <= 60
    assert "Keystone" in text([line])
    assert "+" in text([line])


async def test_a_monitor_that_stands_worse_rings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its name and number; one that is better again is told quietly; what was before is old news."""
    link = watched.watched(tmp_path)
    async with desk(link) as one:
        rung: list[str] = []
        monkeypatch.setattr(one.screen.themed, "ring", rung.append)
        await one.paint()
        assert not rung
        link.tell("monitor.change", monitor="Replication lag", level="alarm", was="ok", value="31")
        await one.paint()
        assert [words.split(":")[0] for words in rung] == ["Replication lag"]
        link.tell("monitor.change", monitor="Replication lag", level="ok", was="alarm", value="1")
        await one.paint()
        assert len(rung) == 1


async def test_the_charts_have_their_thresholds(tmp_path: Path) -> None:
    """A key opens them, another shows the whole run; a click on the status line opens them too."""
    link = watched.watched(tmp_path)
    async with desk(link) as one:
        await one.press("M")
        shown = one.shown()
        assert isinstance(one.pilot.app.screen, Monitors)
        for words in (
            "Keystone load",
            "alarm above 95",
            "warns above 80",
            "every 30s on ctl[1-3]",
            "latest samples",
        ):
            assert words in shown
        await one.pilot.press("w")
        await one.pilot.pause()
        assert "the whole run" in one.shown()
        await one.press("escape")
        await one.pilot.click(MonitorStrip)
        await one.paint()
        assert isinstance(one.pilot.app.screen, Monitors)


async def test_a_run_without_either_says_so(tmp_path: Path) -> None:
    """No line for monitors, and the keys tell why nothing opens."""
    from . import story

    async with desk(story.go_gate(tmp_path)) as one:
        assert not one.screen.query_one(MonitorStrip).display
        await one.press("M", "t", "T")
        shown = one.shown()
        assert "has no monitors" in shown
        assert "has no test plan" in shown


async def test_a_round_is_run_from_a_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One key asks for it, and its results stand there as they come; it can be ended."""
    link = watched.link_of(tmp_path)
    link.ask()
    acts: list[str] = []

    async def act(name: str, **fields: Any) -> None:
        acts.append(name)

    monkeypatch.setattr(link, "act", act)
    async with desk(link) as one:
        await one.press("t")
        assert acts == ["test"]
        watched.run_round(link, upto=2)
        await one.pilot.pause(0.3)
        assert "2 of 4 done" in one.shown()
        await one.press("escape")
        assert "TESTING" in one.shown()
        assert "2/4 done" in one.shown()
        await one.press("g")
        assert not one.said
        await one.press("x", "y")
        assert link.cancels == [()]


async def test_what_differs_is_a_key_away(tmp_path: Path) -> None:
    """Same, differs, newly failing; enter shows what differs, who fails and why."""
    link = watched.watched(tmp_path)
    async with desk(link, size=(100, 30)) as one:
        assert "1 newly failing: A server boots" in one.shown()
        await one.press("T")
        shown = one.shown()
        for words in ("Round 2 of 2", "compared with round 1", "= same", "≠ differs", "✗ newly failing"):
            assert words in shown
        pane = one.pilot.app.screen.query_one(RoundPane)
        while "A server boots" not in text([pane.line(pane.cursor)]):
            await one.pilot.press("down")
        await one.pilot.press("enter")
        await one.pilot.pause()
        assert "ctl[2-3]  exit 1: HTTP 503" in one.shown()
        await one.pilot.press("left")
        await one.pilot.pause()
        assert "Round 1 of 2" in one.shown()
        await one.pilot.press("b")
        await one.paint()
        assert link.acts == [("baseline", {"number": 1})]
        assert link.state.baseline == 1
        assert isinstance(one.pilot.app.screen, Rounds)


def test_a_round_is_told_in_a_line_at_the_gate(tmp_path: Path) -> None:
    """Loud when something is newly failing, quiet when all is the same."""
    link = watched.link_of(tmp_path)
    link.ask()
    assert last_round(link.state, 80) == []
    watched.run_round(link)
    watched.run_round(link)
    (line,) = last_round(link.state, 120)
    assert "all 4 pass" in text([line])
    assert {style for _, style in line} == {"ok"}
    watched.run_round(link, failed="A server boots")
    assert {style for _, style in last_round(link.state, 200)[0]} == {"bad"}


def test_numbers_take_few_cells() -> None:
    """Whole ones as they are, large ones with a letter."""
    told = {
        0: "0",
        3.14159: "3.14",
        95: "95",
        0.004: "0.004",
        12345: "12.3k",
        4.5e6: "4.5M",
        2e12: "2e+12",
        -7: "-7",
    }
    assert {value: number(value) for value in told} == told


def series(values: list[float | None]) -> Series:
    """Return a course of samples a second apart."""
    found = Series()
    for at, value in enumerate(values):
        found = found.sampled(Sample(at * 10**9, value, Level.FAILING if value is None else Level.OK))
    return found


@pytest.mark.parametrize(
    "values", [[0.0], [5.0, 5.0], [None], [-3.0, 2.0], [1e300, -1e300], [1e-300, 0.0], []]
)
def test_any_course_can_be_drawn(values: list[float | None]) -> None:
    """One number, none, the same ones, negative ones, the largest that there are."""
    found = series(values)
    assert width(tuple(spark(recent(found, 8), 8))) == 8
    limits = watched.monitor("m", warn_above=1.0, alarm_below=-1.0).monitor.limits
    for whole in (True, False):
        for line in chart(found, limits, 20, 6, whole=whole):
            assert width(line) <= AXIS + 20 + len(limit_label("alarm below", -1))


def test_a_long_course_is_drawn_in_the_columns_there_are() -> None:
    """Ten thousand samples in forty columns, the peak among them."""
    found = series([100.0 if at == 5_000 else 1.0 for at in range(10_000)])
    limits = watched.monitor("m").monitor.limits
    top = text(chart(found, limits, 40, 6, whole=True)[:1])
    assert "█" in top
    assert "█" not in text(chart(found, limits, 40, 6, whole=False)[:1]).replace("█" * 40, "")


def test_before_the_first_go_they_are_told(tmp_path: Path) -> None:
    """What looks on, how often, where, and where it rings."""
    from gonogo.tui.preflight import Known, preflight

    link = watched.link_of(tmp_path)
    told = text(preflight(link.state, Known(), 100))
    assert "Keystone load  every 30s on ctl[1-3]; alarm above 95, warns above 80" in told
    assert "4 tests" in told


def test_a_page_of_monitors_without_a_number(tmp_path: Path) -> None:
    """It says so, and how often it looks."""
    link: FakeLink = watched.begun(tmp_path)
    told = text(monitors_page(link.state, 80, link.now(), whole=False))
    assert told.count("no number yet") == 3


async def test_with_tests_left_to_run_the_end_is_one_key_away(tmp_path: Path) -> None:
    """Nobody was left out: nothing is asked twice, and no hosts are offered."""
    link = watched.begun(tmp_path)
    for turn in range(len(link.state.turns)):
        link.finish(turn)
    link.ask()
    async with desk(link) as one:
        assert "All steps are done" in one.shown()
        assert "0 hosts" not in one.shown()
        await one.press("enter")
        assert one.said == [(Answer.GO, "", "")]


def test_the_palette_offers_what_the_run_has(tmp_path: Path) -> None:
    """Monitors, tests and notes only where there are some."""
    link = watched.link_of(tmp_path)
    link.ask()

    def offered() -> set[str]:
        return {action for action, _, _ in commands(link.state, Settings(), driving=True)}

    assert {"test", "rounds", "monitors"} <= offered()
    assert "notes" not in offered()
    link.tell("note", text="x", by="alice")
    assert "notes" in offered()
    link.state.plan = replace(link.state.plan, monitors=(), tests=())
    assert not {"test", "rounds", "monitors"} & offered()


def test_the_palette_leaves_out_what_would_do_nothing(tmp_path: Path) -> None:
    """Before the first go, at a failure, while a command is out, to one who looks on, and after the end."""

    def offered(link: FakeLink, *, driving: bool = True, **seen: Any) -> set[str]:
        return {action for action, _, _ in commands(link.state, Settings(), driving=driving, **seen)}

    driven = {"edit", "shell", "cancel", "jump", "pause", "test", "pick_up"}
    (tmp_path / "start").mkdir()
    start = gates.start(tmp_path / "start")
    assert not {"edit", "shell", "cancel", "test", "bad(1)", "bad(-1)"} & offered(start)
    failed = story.failure(tmp_path)
    assert {"edit", "shell", "jump", "pause", "bad(1)"} <= offered(failed, turn=9, shell="cp16")
    assert "cancel" not in offered(failed, turn=9)
    assert not driven & offered(failed, driving=False, turn=9, shell="cp16")
    failed.say(Answer.RETRY_FAILED)
    failed.begin(9)
    assert driven & offered(failed, turn=9) == {"cancel"}
    failed.tell("run.end", result="no-go")
    assert not driven & offered(failed, turn=9)


def test_the_pages_keys_are_named_in_the_documents(root: Path) -> None:
    """Whoever wants another key finds its name there."""
    told = (root / "docs" / "keys.md").read_text()
    assert all(f"`{one.id}`" in told for one in (*ROUNDS, *MONITORS))


async def test_the_pages_take_the_operators_own_keys(tmp_path: Path) -> None:
    """The usual ones do nothing then, and the pages say which to press."""
    keys = {"monitors.whole": "f7", "rounds.baseline": "f8"}
    async with desk(watched.watched(tmp_path), settings=Settings(keys=keys)) as one:
        await one.press("M")
        assert "f7 the whole run" in one.shown()
        await one.pilot.press("f7")
        await one.pilot.pause()
        assert "f7 the latest" in one.shown()
        await one.press("escape")
        await one.press("T")
        assert "f8 baseline" in one.shown()
