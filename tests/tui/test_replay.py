"""The replay screen: the run screen at any moment of a past run, and nothing that could change it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from gonogo.run.replay import marks as replay_marks
from gonogo.run.replay.recorded import Recorded
from gonogo.run.revise import revised
from gonogo.run.state import Answer
from gonogo.tui.apps.replay import ReplayApp
from gonogo.tui.keys import compare as compare_keys
from gonogo.tui.keys import replay as replay_keys
from gonogo.tui.lines import width
from gonogo.tui.offers import relabels
from gonogo.tui.screens import replay_find
from gonogo.tui.screens.replay import ReplayScreen
from gonogo.tui.screens.replay_find import Find
from gonogo.tui.screens.replay_help import replay_help
from gonogo.tui.settings import Settings
from gonogo.tui.themed import USUAL
from gonogo.tui.widgets.gate import GateBar
from gonogo.tui.widgets.output import Output
from gonogo.tui.widgets.step import StepPane
from gonogo.tui.widgets.timeline import Timeline
from tests.run.recorded import story, write_trail
from tests.tui.fake import plan_of, planned
from tests.tui.story import HOSTS
from tests.zone import in_zone


@pytest.fixture(autouse=True)
def in_geneva() -> Iterator[None]:
    """Have local time be one that is not UTC."""
    with in_zone("Europe/Zurich"):
        yield


@asynccontextmanager
async def replaying(
    run: Path, size: tuple[int, int] = (120, 40), chosen: Settings = USUAL
) -> AsyncIterator[Pilot[str]]:
    """Show a run of 17 steps, read to its end, on a terminal."""
    link = Recorded(run)
    link.read()
    async with ReplayApp(link, settings=chosen).run_test(size=size) as pilot:
        yield pilot


def screen(pilot: Pilot[str]) -> ReplayScreen:
    """Return the replay screen."""
    return next(one for one in pilot.app.screen_stack if isinstance(one, ReplayScreen))


def link(pilot: Pilot[str]) -> Recorded:
    """Return the link that is shown."""
    return screen(pilot).replay


async def shown(pilot: Pilot[str]) -> str:
    """Return what stands on the terminal once repainting it changes nothing any more."""
    seen = [""]
    while len(seen) < 4 or len(set(seen[-3:])) > 1:
        screen(pilot).repaint()
        await pilot.pause()
        strips = pilot.app.screen._compositor.render_strips()
        lines = ["".join(segment.text for segment in strip).rstrip() for strip in strips]
        seen.append("\n".join(lines) + "\n")
    return seen[-1]


async def until(pilot: Pilot[str], true: Callable[[], bool]) -> None:
    """Let the screen go on until something holds."""
    for _ in range(1000):
        if true():
            return
        await pilot.pause(0.01)
    raise AssertionError("it never came to hold")


def printed(output: Output) -> str:
    """Return what the output pane has of a host."""
    return "".join(one.text for one in output._stream.whole) if output._stream else ""


async def press(pilot: Pilot[str], *keys: str) -> str:
    """Press keys; return what is shown then."""
    await pilot.press(*keys)
    return await shown(pilot)


async def test_jumps_go_to_what_is_marked(tmp_path: Path) -> None:
    """A decision stands with its question open and its answer under it; a failure with its host's words."""
    story(tmp_path)
    async with replaying(tmp_path) as pilot:
        text = await press(pilot, "d", "d")
        assert "GO?" in text
        assert "→ alice: go" in text
        text = await press(pilot, "x")
        assert "✗ cp16: exit 1: Error: Package" in text
        assert "Update the packages" in text
        await press(pilot, "X")
        assert "No failure before this." in [note.message for note in pilot.app._notifications]
        assert "nova-api down" in text
        text = await press(pilot, "u")
        assert "▼ nova-api is back" in text
        assert "nova-api down" not in text


async def test_a_jump_out_of_the_first_page_is_painted_at_the_panes_own_width(tmp_path: Path) -> None:
    """Panes have no width before the first go; lines are broken at the one they get, though nothing moves."""
    told = story(tmp_path)
    write_trail(tmp_path, replace(told.state.plan, preflight=True), told.records)
    async with replaying(tmp_path, size=(80, 24)) as pilot:
        step = screen(pilot).query_one(StepPane)
        await until(pilot, lambda: screen(pilot).has_class("-preflight") and not step.size.width)
        await pilot.press("$")
        await until(pilot, lambda: step.size.width > 20 and step._made[1:2] == (step.cells,))


async def test_batches_steps_and_notes_are_gone_to_both_ways(tmp_path: Path) -> None:
    """Each sort has its key, its capital goes back; without another one that is said."""
    told = story(tmp_path)
    told.tell("note", by="bob", text="all quiet now")
    write_trail(tmp_path, told.state.plan, told.records)
    async with replaying(tmp_path) as pilot:
        assert "batch 1 of 4" in await press(pilot, "b")
        assert "batch 2 of 4" in await press(pilot, "b")
        assert "batch 1 of 4" in await press(pilot, "B")
        assert "bob: all quiet now" in await press(pilot, "o")
        await press(pilot, "o")
        said = [note.message for note in pilot.app._notifications]
        assert "No note behind this." in said


async def test_records_are_stepped_through_both_ways(tmp_path: Path) -> None:
    """Right and left are one record each; 0 and $ are the ends."""
    story(tmp_path)
    async with replaying(tmp_path) as pilot:
        await press(pilot, "right", "right", "right", "left")
        assert link(pilot).position == 3
        text = await press(pilot, "dollar_sign")
        assert link(pilot).position == link(pilot).count
        assert "✓ GO" in text
        assert "follows" in text
        await press(pilot, "0")
        assert link(pilot).position == 1


async def test_it_plays_pauses_and_goes_faster(tmp_path: Path) -> None:
    """Space is for playing wherever the focus is; the speed is shown."""
    story(tmp_path)
    async with replaying(tmp_path) as pilot:
        for _ in range(9):
            await pilot.press("plus")
        assert link(pilot).speed == 1000
        text = await press(pilot, "tab", "space")
        assert "▶ 1000x" in text or link(pilot).position == link(pilot).count
        await until(pilot, lambda: not link(pilot).playing)
        assert link(pilot).state.result == "go"
        assert "❚❚" in await shown(pilot)


@pytest.mark.parametrize(
    ("typed", "there"),
    [("17:00:30", 30), ("2026-11-20 17:00:30", 30), ("+0:30", 30), ("+0:00:30", 30)],
)
async def test_times_are_gone_to_in_local_time(tmp_path: Path, typed: str, there: int) -> None:
    """What the wall clock showed there and then, or how long it had run."""
    story(tmp_path)
    async with replaying(tmp_path) as pilot:
        await press(pilot, "g", *typed.replace(" ", "~").replace("~", " "), "enter")
        text = await shown(pilot)
        assert link(pilot).now() // 1_000_000_000 == there
        assert "17:00:30 CET" in text


async def test_steps_and_records_are_gone_to_and_nonsense_is_refused(tmp_path: Path) -> None:
    """The field says why and stays."""
    story(tmp_path)
    async with replaying(tmp_path) as pilot:
        await press(pilot, "g", "6", "enter")
        assert "Update the packages" in await shown(pilot)
        await press(pilot, "g", "#", "1", "2", "enter")
        assert link(pilot).position == 12
        text = await press(pilot, "g", "9", "9", "enter")
        assert "There are 11 steps" in text
        text = await press(pilot, "escape", "g", "2", "3", ":", "5", "9", "enter")
        assert "The run went from 2026-11-20 17:00:00" in text
        assert link(pilot).position == 12


async def test_the_time_line_is_clicked(tmp_path: Path) -> None:
    """Its right end is the run's end, its left end the beginning."""
    story(tmp_path)
    async with replaying(tmp_path) as pilot:
        await shown(pilot)
        line = screen(pilot).query_one(Timeline)
        await pilot.click(line, offset=(line.size.width, 3))
        await shown(pilot)
        assert link(pilot).position == link(pilot).count
        await pilot.click(line, offset=(1, 2))
        await shown(pilot)
        assert link(pilot).position == 1
        await press(pilot, "t")
        await pilot.click(line, offset=(1 + line.content_region.width // 2, 2))
        await shown(pilot)
        assert abs(link(pilot).position - link(pilot).count // 2) < 3


async def test_a_host_shows_only_what_it_had_printed_by_then(tmp_path: Path) -> None:
    """Back in time its later output is gone again."""
    story(tmp_path)
    async with replaying(tmp_path) as pilot:
        await press(pilot, "x")
        screen(pilot).open_host("cp16")
        output = screen(pilot).query_one(Output)
        await until(pilot, lambda: "python-six" in printed(output))
        await press(pilot, "left", "left")
        assert output.host == "cp16"
        await until(pilot, lambda: output._stream is not None and output._stream._reader is not None)
        assert "python-six" not in printed(output)


async def test_a_search_finds_records_and_output_and_goes_there(tmp_path: Path) -> None:
    """Enter goes to the place; n and N to the next one and the one before."""
    story(tmp_path)
    async with replaying(tmp_path) as pilot:
        await press(pilot, "slash", *"MIGRATE 215", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Find) and pilot.app.screen.done)
        found = pilot.app.screen
        assert isinstance(found, Find)
        await pilot.press("enter")
        text = await shown(pilot)
        assert "Sync the database schema" in text
        assert "migrate 215 -> 216" in text
        before = link(pilot).position
        await press(pilot, "n")
        assert link(pilot).position != before
        await press(pilot, "N")
        assert link(pilot).position == before


async def test_no_key_of_a_live_run_does_anything(tmp_path: Path) -> None:
    """Whatever is pressed, nothing is written and the run's files are as they were."""
    story(tmp_path)
    files = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    async with replaying(tmp_path) as pilot:
        await press(pilot, "d")
        for key in (
            "g",
            "escape",
            "n",
            "r",
            "R",
            "c",
            "l",
            "h",
            "a",
            "m",
            "e",
            "J",
            "exclamation_mark",
            "enter",
        ):
            await press(pilot, key)
            while len(pilot.app.screen_stack) > 1:
                await press(pilot, "escape")
        assert screen(pilot).query_one(GateBar).shown is not None
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == files


async def test_the_beginning_says_who_began_and_what_follows(tmp_path: Path) -> None:
    """Before anything has happened every step is there already; a trail without a whole record says so."""
    story(tmp_path)
    async with replaying(tmp_path) as pilot:
        text = await shown(pilot)
        assert "BEGINNING   alice began the run on 2026-11-20 at 17:00" in text
        assert "records follow in" in text
        assert "The change is announced" in text
        assert "BEGINNING" not in await press(pilot, "d")
        assert "BEGINNING" in await press(pilot, "0")
    trail = tmp_path / "audit.jsonl"
    trail.write_bytes(trail.read_bytes()[:50])
    async with replaying(tmp_path) as pilot:
        text = await shown(pilot)
        assert "EMPTY   No record is whole: this run never began." in text
        assert "1970" not in text


def test_help_fits_its_page() -> None:
    """No line is cut at the right."""
    assert max(width(line) for line in replay_help({})) <= 72


async def test_help_names_the_keys_and_q_leaves(tmp_path: Path) -> None:
    """Each key stands there with what it does."""
    story(tmp_path)
    async with replaying(tmp_path) as pilot:
        text = await press(pilot, "question_mark")
        assert "to a time (16:42" in text
        await press(pilot, "escape", "q")
        assert pilot.app.return_value == "left"


async def test_the_operators_own_keys_hold_in_bar_help_and_palette(tmp_path: Path) -> None:
    """A key that was given away does nothing any more; the palette does what the key does."""
    story(tmp_path)
    own = Settings(keys={"replay.decision": "f5", "look.zoom": "f6"})
    async with replaying(tmp_path, chosen=own) as pilot:
        assert "[f5] decision" in await shown(pilot)
        await press(pilot, "d")
        assert link(pilot).position == 1
        assert "GO?" in await press(pilot, "f5", "f5")
        assert "f5 D" in await press(pilot, "question_mark")
        await press(pilot, "escape", "ctrl+p", *"next failure", "enter")
        assert "✗ cp16" in await shown(pilot)
        await press(pilot, "colon", *"theme: day", "enter")
        assert pilot.app.theme == "gonogo-day"


def test_every_key_in_a_bar_is_one_that_can_be_given_another() -> None:
    """Its label is that of a binding's usual key, so that it changes with it."""
    for bar, keys in ((replay_keys, replay_keys.BAR), (compare_keys, compare_keys.BAR)):
        known = relabels(bar.BINDINGS, {one.id: "f9" for one in bar.BINDINGS if one.id})
        assert {(key.key, key.action.removeprefix("screen.")) for key in keys} <= known.keys()


async def test_what_is_too_much_to_mark_or_to_list_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time line's marks and the places that a search finds have their bounds, and tell them."""
    monkeypatch.setattr(replay_marks, "MOST", 5)
    monkeypatch.setattr(replay_find, "MOST", 3)
    story(tmp_path)
    async with replaying(tmp_path) as pilot:
        await shown(pilot)
        said = [note.message for note in pilot.app._notifications]
        assert any("places of this run are marked" in one for one in said)
        await press(pilot, "slash", "e", "enter")
        await until(
            pilot, lambda: "the first 3 of them" in str(pilot.app.screen.query_one("#found").border_title)
        )


async def test_a_run_that_is_still_written_is_followed(tmp_path: Path) -> None:
    """At its end the replay goes along with what comes, without a connection to anybody."""
    told = story(tmp_path, "go_gate")
    whole = (tmp_path / "audit.jsonl").read_bytes()
    told.say(Answer.GO)
    told.tell("note", by="bob", text="still here")
    write_trail(tmp_path, told.state.plan, told.records)
    more = (tmp_path / "audit.jsonl").read_bytes()[len(whole) :]
    (tmp_path / "audit.jsonl").write_bytes(whole)
    async with replaying(tmp_path) as pilot:
        before = link(pilot).count
        assert "follows" in await press(pilot, "dollar_sign")
        (tmp_path / "audit.jsonl").write_bytes(whole + more)
        await until(pilot, lambda: link(pilot).position == before + 2)
        assert "bob: still here" in await shown(pilot)


async def test_hostile_words_reach_the_terminal_as_words(tmp_path: Path) -> None:
    """Escapes and markup of a note, a service and a reason are shown, never obeyed."""
    told = story(tmp_path, "go_gate")
    evil = "\x1b[2J\x1b]0;x\x07[bold]\u202e[/] $(id)\n\n"
    told.tell("outage.begin", service=evil)
    told.tell("note", by=evil, text=evil * 50)
    told.say(Answer.GO, reason=evil)
    write_trail(tmp_path, told.state.plan, told.records)
    async with replaying(tmp_path) as pilot:
        for keys in (("o",), ("u",), ("O", "d", "d"), ("dollar_sign",), ("slash", *"bold", "enter")):
            text = await press(pilot, *keys)
            assert not set("\x1b\x07\u202e") & set(text)
        await press(pilot, "escape", "0", "o")
        assert "[bold]" in await shown(pilot)


async def test_an_edited_runbook_is_shown_as_it_was_at_each_moment(tmp_path: Path) -> None:
    """Before the edit the old text, behind it the new one, and what hosts printed with both."""
    told = story(tmp_path, "go_gate")
    first = told.state.plan
    step = planned("Which kernel runs where", HOSTS, command="uname -r", read_only=True)
    second = revised(first, plan_of([planned("Something else"), step], "Another text"))
    told.state.load = {"plan-2.json": second}.__getitem__
    told.tell("plan.change", file="plan-2.json")
    told.ask()
    write_trail(tmp_path, first, told.records)
    (tmp_path / "runbook" / "plan-2.json").write_bytes(second.dump())
    async with replaying(tmp_path) as pilot:
        text = await press(pilot, "dollar_sign")
        assert "Something else" in text
        assert "Stop the API" not in text
        await press(pilot, "j")
        output = screen(pilot).query_one(Output)  # a notification may lie over it
        assert "2.6.32-431" in "".join(text for y in range(output.count) for text, _ in output.line(y))
        text = await press(pilot, "d")
        text = await press(pilot, "D", "right", "right")
        assert "Stop the API" in text


async def test_a_torn_trail_says_where_its_trust_ends(tmp_path: Path) -> None:
    """In the time line, and once in passing."""
    story(tmp_path)
    path = tmp_path / "audit.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:40]) + b'{"n":40,"t"')
    async with replaying(tmp_path) as pilot:
        assert "trust ends at record 40" in await shown(pilot)
