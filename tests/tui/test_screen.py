"""The run screen under keys, mouse and resizing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from gonogo.run.runner import Ask, decide
from gonogo.run.state import Answer, At
from gonogo.tui.apps.run import RunApp
from gonogo.tui.guard import Guard
from gonogo.tui.screens.ask import Ask as Asking
from gonogo.tui.screens.help import Help
from gonogo.tui.screens.run import RunScreen
from gonogo.tui.settings import Settings
from gonogo.tui.widgets.gate import GateBar
from gonogo.tui.widgets.output import Output
from gonogo.tui.widgets.wall import Wall

from . import story
from .fake import SECOND, FakeLink, plan_of, planned


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


class Desk:
    """An operator at a run screen."""

    def __init__(self, pilot: Pilot[str], link: FakeLink, time: Time) -> None:
        self.pilot, self.link, self.time = pilot, link, time

    @property
    def screen(self) -> RunScreen:
        """The run screen, whatever stands above it."""
        return next(one for one in self.pilot.app.screen_stack if isinstance(one, RunScreen))

    async def paint(self) -> None:
        """Have everything shown that was told."""
        await self.pilot.pause()
        self.screen.repaint()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press keys after a look at the gate."""
        await self.paint()
        self.time.at += 1
        await self.pilot.press(*keys)
        await self.paint()

    @property
    def said(self) -> list[tuple[Answer, str, str]]:
        """The answers that were given, each with its reason and what was typed."""
        return [(answer, reason, typed) for _, answer, reason, typed in self.link.answers]

    def shown(self) -> str:
        """What stands on the terminal, as text."""
        lines = self.pilot.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line) for line in lines)


@asynccontextmanager
async def desk(
    link: FakeLink, size: tuple[int, int] = (120, 40), settings: Settings | None = None
) -> AsyncIterator[Desk]:
    """Open a screen on a link, its guard's clock in the test's hands."""
    app, time = RunApp(link, settings=settings or Settings()), Time()
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        one = Desk(pilot, link, time)
        one.screen.guard = Guard(time)
        await one.paint()
        yield one


@pytest.mark.parametrize("key", ["enter", "g"])
async def test_go_is_one_key(tmp_path: Path, key: str) -> None:
    """Enter and g say go at the gate on the screen."""
    async with desk(story.go_gate(tmp_path)) as one:
        await one.press(key)
        assert one.said == [(Answer.GO, "", "")]


async def test_a_repeated_enter_does_not_answer_the_next_gate(tmp_path: Path) -> None:
    """A held key answers once, however fast the next question comes."""
    link = story.go_gate(tmp_path)
    async with desk(link) as one:
        await one.press("enter")
        link.whole(2)
        link.ask()
        for _ in range(14):
            await one.paint()
            one.time.at += 0.04
            await one.pilot.press("enter")
        assert len(one.said) == 1
        await one.press("enter")
        assert len(one.said) == 2


async def test_a_gate_that_has_just_come_takes_no_key(tmp_path: Path) -> None:
    """A key pressed as the question appears was not meant for it."""
    async with desk(story.go_gate(tmp_path)) as one:
        one.time.at += 0.3
        await one.pilot.press("g")
        assert not one.said


async def test_paste_never_answers(tmp_path: Path) -> None:
    """Pasted text is no key."""
    async with desk(story.go_gate(tmp_path)) as one:
        one.time.at += 1
        one.pilot.app.post_message(events.Paste("g\rn\r"))
        await one.paint()
        assert not one.said
        assert isinstance(one.pilot.app.screen, RunScreen)


@pytest.mark.parametrize(("key", "answer"), [("n", Answer.NO_GO), ("s", Answer.SKIP)])
async def test_leaving_the_document_wants_a_reason(tmp_path: Path, key: str, answer: Answer) -> None:
    """The reason is asked for; nothing is not one; it goes with the answer."""
    async with desk(story.go_gate(tmp_path)) as one:
        await one.press(key)
        await one.press("enter")
        assert not one.said
        await one.press("o", "l", "d", "enter")
        assert one.said == [(answer, "old", "")]


async def test_esc_backs_out_of_a_reason(tmp_path: Path) -> None:
    """Nothing was said, and the gate still stands."""
    async with desk(story.go_gate(tmp_path)) as one:
        await one.press("n", "x", "escape")
        assert not one.said
        assert isinstance(one.pilot.app.screen, RunScreen)


async def test_failure_menu_answers_by_key(tmp_path: Path) -> None:
    """One key retries the failed hosts; enter is no choice."""
    async with desk(story.failure(tmp_path)) as one:
        await one.press("enter")
        assert not one.said
        await one.press("r")
        assert one.said == [(Answer.RETRY_FAILED, "", "")]


@pytest.mark.parametrize(("key", "answer"), [("R", Answer.RETRY_ALL), ("b", Answer.ROLLBACK)])
async def test_what_touches_hosts_that_are_well_is_asked_twice(
    tmp_path: Path, key: str, answer: Answer
) -> None:
    """Only y says it; escape does not."""
    async with desk(story.failure(tmp_path)) as one:
        await one.press(key, "escape")
        assert not one.said
        await one.press(key, "y")
        assert one.said == [(answer, "", "")]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_choice_can_be_clicked(tmp_path: Path, size: tuple[int, int]) -> None:
    """The third choice's line leads to the third choice, in either shape of the menu."""
    async with desk(story.failure(tmp_path), size) as one:
        one.time.at += 1
        bar = one.screen.query_one(GateBar)
        await one.pilot.click(bar, offset=(8, 1 + 1 + (1 if size[0] == 80 else 1 + 2)))
        await one.paint()
        top = one.pilot.app.screen
        assert isinstance(top, Asking)
        assert "Leave out 3 hosts" in top.question.prompt


async def test_typed_gate_wants_the_number(tmp_path: Path) -> None:
    """A wrong number stays in the dialog; the right one goes."""
    async with desk(story.typed(tmp_path)) as one:
        await one.press("enter")
        await one.press("4", "enter")
        assert not one.said
        await one.press("backspace", "3", "enter")
        assert one.said == [(Answer.GO, "", "3")]


async def test_wait_shows_what_is_left(tmp_path: Path) -> None:
    """The countdown stands in the bar."""
    async with desk(story.waiting(tmp_path)) as one:
        assert "4:59 left" in one.shown()


async def test_a_moment_that_is_waited_for_counts_down_and_is_named(tmp_path: Path) -> None:
    """What is left becomes less, and goes along when this machine's clock was set."""
    link = FakeLink(plan_of([planned("Open the window", ("a",), at="22:00")]), tmp_path)
    move = decide(link.state.plan, link.state)
    assert isinstance(move, Ask)
    assert (move.at, move.until) == (At.WAIT, "22:00")
    choices = [one.value for one in move.choices]
    seen = {"turn": 0, "question": move.question, "choices": choices, "of": []}
    moment = (datetime(2026, 11, 20, 16, tzinfo=UTC).astimezone() + timedelta(days=1)).isoformat()
    link.tell("gate.ask", gate=1, at="wait", evidence={"at": moment}, until=link.at + 601 * SECOND, **seen)
    async with desk(link) as one:
        assert "10:00 left, then it goes on by itself" in one.shown()
        assert f"not before {datetime.fromisoformat(moment):%d %b %H:%M}" in one.shown()
        link.at += 60 * SECOND
        await one.paint()
        assert "9:00 left" in one.shown()
        link.tell("gate.until", gate=1, until=link.at + 31 * SECOND)
        await one.paint()
        assert "0:30 left" in one.shown()


async def test_a_dialog_closes_with_its_gate(tmp_path: Path) -> None:
    """A reason typed for a gate that somebody else answered goes nowhere."""
    link = story.go_gate(tmp_path)
    async with desk(link) as one:
        await one.press("n")
        link.say(Answer.GO)
        await one.paint()
        assert isinstance(one.pilot.app.screen, RunScreen)
        assert not one.said


async def test_who_looks_on_answers_nothing(tmp_path: Path) -> None:
    """No key answers, and the driver is named."""
    link = story.go_gate(tmp_path)
    link.driving = False
    async with desk(link) as one:
        await one.press("enter", "n", "g")
        assert not one.said
        assert "LOOKING ON" in one.shown()
        assert "alice drives" in one.shown()


async def test_looking_elsewhere_moves_nothing_and_answers_nothing(tmp_path: Path) -> None:
    """Enter first brings the step back that asks; the next one answers."""
    async with desk(story.go_gate(tmp_path)) as one:
        await one.press("k")
        assert "uname -r" in one.shown()
        assert "2 hosts differ  cp[07,23]" in one.shown()
        await one.press("enter")
        assert not one.said
        assert "systemctl stop" in one.shown()
        await one.press("enter")
        assert one.said == [(Answer.GO, "", "")]


async def test_enter_in_the_host_wall_opens_a_host(tmp_path: Path) -> None:
    """Where enter opens something it does not answer, and the bar shows g."""
    async with desk(story.failure(tmp_path)) as one:
        one.screen.query_one(Wall).focus()
        await one.press("enter")
        assert one.screen.query_one(Output).host == "cp11"
        assert not one.said
        await one.press("escape")
        assert not one.screen.query_one(Output).host


async def test_next_failed_host(tmp_path: Path) -> None:
    """`]` and `[` go round the hosts that need a decision."""
    async with desk(story.failure(tmp_path)) as one:
        seen = []
        for key in ("]", "]", "]", "]", "["):
            await one.press(key)
            seen.append(one.screen.query_one(Output).host)
        assert seen == ["cp16", "cp17", "cp20", "cp16", "cp20"]


async def test_a_running_host_s_output_comes_as_it_prints(tmp_path: Path) -> None:
    """The stream follows the file."""
    link = story.running(tmp_path)
    async with desk(link) as one:
        one.screen.open_host("cp17")
        link.write("cp17", b"Downloading: 40 %\n")
        for _ in range(100):
            await one.pilot.pause(0.02)
            if "Downloading: 40 %" in one.shown():
                break
        assert "Downloading: 40 %" in one.shown()
        assert "Resolving Dependencies" in one.shown()


async def test_output_that_grows_is_followed_or_stays(tmp_path: Path) -> None:
    """`f` keeps what is on the screen where it is, and again goes to the end and on with it."""
    link = story.running(tmp_path)
    async with desk(link, size=(80, 24)) as one:
        output = one.screen.query_one(Output)

        async def printed(begin: int) -> list[str]:
            link.write("cp17", b"".join(b"package %d\n" % number for number in range(begin, begin + 50)))
            for _ in range(200):
                await one.pilot.pause(0.02)
                if output.count and output.text(output.count - 1) == f"package {begin + 49}":
                    break
            await one.paint()
            return re.findall(r"package \d+", one.shown())

        one.screen.open_host("cp17")
        output.focus()
        assert (await printed(100))[-1] == "package 149"
        assert "following" in one.shown()
        await one.press("f")
        assert "following" not in one.shown()
        assert (await printed(200))[-1] == "package 149"
        await one.press("f")
        assert re.findall(r"package \d+", one.shown())[-1] == "package 249"
        assert (await printed(300))[-1] == "package 349"
        await one.press("up")
        assert (await printed(400))[-1] == "package 349"


async def test_one_host_s_output_begins_with_why_it_failed(tmp_path: Path) -> None:
    """A step on one host shows its stream, the reason on top."""
    link = FakeLink(plan_of([planned("Step", ("a",))]), tmp_path)
    link.begin(0)
    link.exit(0, "a", "failed", b"some words\n", why="the check says no", code=1)
    async with desk(link) as one:
        for _ in range(100):
            await one.pilot.pause(0.02)
            if "some words" in one.shown():
                break
        shown = one.shown()
        assert 0 < shown.find("the check says no") < shown.find("some words")


async def test_search_in_the_output(tmp_path: Path) -> None:
    """N and N go from place to place and answer nothing; without a search n answers again."""
    async with desk(story.failure(tmp_path)) as one:
        await one.press("slash", *"PYTHON-SIX", "enter")
        output = one.screen.query_one(Output)
        places = [output.cursor]
        for key in ("n", "n", "N"):
            await one.press(key)
            places.append(output.cursor)
        assert all("python-six" in output.text(place) for place in places)
        assert len(set(places)) > 1
        assert places[1] == places[3]
        assert not one.said
        await one.press("slash", *"nowhere", "enter")
        assert "It stands nowhere" in one.shown()
        await one.press("escape")
        assert not output.sought
    (tmp_path / "other").mkdir()
    async with desk(story.go_gate(tmp_path / "other")) as one:
        one.screen.query_one(Output).focus()
        await one.press("n")
        assert isinstance(one.pilot.app.screen, Asking)


async def test_what_is_shown_goes_to_pager_and_clipboard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pager gets the text as it stands there; its file is gone afterwards."""
    link, seen = story.failure(tmp_path), list[tuple[str, str]]()
    monkeypatch.setenv("PAGER", "more -d")

    async def lend(argv: Sequence[str], title: str) -> int:
        seen.append((" ".join(argv[:2]), Path(argv[-1]).read_text()))
        return 0

    link.lend = lend
    async with desk(link) as one:
        await one.press("v", "y")
        assert seen[0][0] == "more -d"
        assert "python-six" in seen[0][1]
        assert one.pilot.app.clipboard == seen[0][1]


async def test_narrowing_the_output(tmp_path: Path) -> None:
    """Only lines that hold the word stay; escape brings all back."""
    async with desk(story.failure(tmp_path), size=(120, 50)) as one:
        await one.press("ampersand", *"complete", "enter")
        assert "Transaction Summary" not in one.shown()
        await one.press("escape")
        assert "Transaction Summary" in one.shown()


async def test_notes_and_cancel(tmp_path: Path) -> None:
    """A note goes to the trail; cancelling asks first."""
    async with desk(story.running(tmp_path)) as one:
        await one.press("o", *"hm", "enter")
        assert one.link.notes == [("hm", "", "")]
        await one.press("x", "escape")
        assert one.link.cancels == []
        await one.press("x", "y")
        assert one.link.cancels == [()]


async def test_help_shows_keys_and_symbols(tmp_path: Path) -> None:
    """`?` opens it, escape closes it."""
    async with desk(story.go_gate(tmp_path)) as one:
        await one.press("question_mark")
        opened = one.pilot.app.screen
        assert isinstance(opened, Help)
        assert "unreachable" in one.shown() or "Looking" in one.shown()
        await one.press("escape")
        assert isinstance(one.pilot.app.screen, RunScreen)


@pytest.mark.parametrize("key", ["d", "ctrl+c", "q", "ctrl+q"])
async def test_detaching_leaves_the_run_alone(tmp_path: Path, key: str) -> None:
    """The screen goes, the link is not closed."""
    link = story.running(tmp_path)
    async with desk(link) as one:
        await one.press(key)
        assert one.pilot.app.return_value == "detached"
    assert not link.ended


async def test_an_ended_run_is_left_with_q(tmp_path: Path) -> None:
    """The banner says what came of it and where the trail is."""
    link = story.ended(tmp_path)
    async with desk(link) as one:
        shown = one.shown()
        assert "Every step is done." in shown
        assert "3 hosts left out" in shown
        await one.press("q")
        assert one.pilot.app.return_value == "ended"


@pytest.mark.parametrize("scene", list(story.SCENES))
async def test_resizing_to_anything(tmp_path: Path, scene: str) -> None:
    """Too small is said, and the screen comes back whole."""
    async with desk(story.SCENES[scene](tmp_path)) as one:
        for size in ((10, 5), (1, 1), (59, 40), (200, 15), (60, 16), (80, 24), (200, 60)):
            await one.pilot.resize_terminal(*size)
            await one.paint()
            small = size[0] < 60 or size[1] < 16
            assert one.screen.query_one("#small").display == small
            if small and size[0] > 40:
                assert "terminal too small" in one.shown()
        assert "Nova, Grizzly to Havana" in one.shown()


async def test_too_small_answers_nothing(tmp_path: Path) -> None:
    """A gate that cannot be read is not answered."""
    async with desk(story.go_gate(tmp_path)) as one:
        await one.pilot.resize_terminal(40, 10)
        await one.press("enter")
        assert not one.said


async def test_the_current_step_is_in_sight_among_ten_thousand(tmp_path: Path) -> None:
    """Only what is in sight is drawn, and the run's place is."""
    link = FakeLink(plan_of([planned(f"Step {number}") for number in range(10_000)]), tmp_path)
    for turn in range(9_000):
        link.state.turns[turn].result = "ok"
    link.ask()
    async with desk(link) as one:
        assert "❯ ◆ Step 9000" in one.shown()


async def test_five_thousand_hosts_wrap(tmp_path: Path) -> None:
    """Every host has its cell, and a failed one is a key away."""
    hosts = [f"node{number:04d}" for number in range(5_000)]
    link = FakeLink(plan_of([planned("Wide", hosts)]), tmp_path)
    link.begin(0)
    link.exit(0, "node4321", "failed", b"no\n", why="exit 1")
    async with desk(link) as one:
        wall = one.screen.query_one(Wall)
        cells = sum(len(text.strip()) for y in range(wall.count) for text, _ in wall.line(y))
        assert cells == 5_000
        await one.press("]")
        assert one.screen.query_one(Output).host == "node4321"


async def test_a_failing_screen_shows_no_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where it failed and how to come back stand there, no variable; the run goes on."""

    def fail() -> None:
        secret = "hunter2hunter2"
        raise ZeroDivisionError(secret[:0])

    app = RunApp(story.go_gate(tmp_path))

    async def run() -> None:
        async with app.run_test() as pilot:
            app.call_later(fail)
            await pilot.pause()

    with pytest.raises(ZeroDivisionError):
        await run()
    said = " ".join("".join(capsys.readouterr()).split())
    assert "ZeroDivisionError at test_screen.py" in said
    assert f"gonogo attach {tmp_path.name}" in said
    assert "hunter2" not in said


async def test_a_reason_is_clean_before_it_is_drawn(tmp_path: Path) -> None:
    """What is pasted into a reason shows its escapes."""
    async with desk(story.go_gate(tmp_path)) as one:
        await one.press("n")
        one.pilot.app.post_message(events.Paste("\x1b]52;c;QUJD\x07late"))
        await one.paint()
        assert one.pilot.app.screen.query_one(Input).value == "^[]52;c;QUJD^Glate"


async def test_who_looks_on_sees_that_the_driver_left(tmp_path: Path) -> None:
    """It is said in passing, and stands in the bar with what to do."""
    link = story.go_gate(tmp_path)
    link.driving, link.state.driver, link.state.watching = False, "alice", ("bob", "carol")
    async with desk(link) as one:
        assert "2 looking on" in one.shown()
        link.state.driver = ""
        await one.paint()
        assert "alice has left: nobody drives now." in one.shown()
        assert "Drive with gonogo attach" in one.shown()


async def test_a_seal_that_failed_is_seen_until_one_is_made(tmp_path: Path) -> None:
    """The header and the bar say it; the reason is there."""
    link = story.go_gate(tmp_path)
    async with desk(link) as one:
        assert "synced" in one.shown().splitlines()[0]
        link.tell("seal.failed", why="ssh-agent refused")
        await one.paint()
        assert "! not sealed: ssh-agent refused" in one.shown()
        link.tell("seal", through=3)
        await one.paint()
        assert "! not sealed" not in one.shown()
        assert "sealed #3" in one.shown().splitlines()[0]
        link.state.trouble = "no space left on device"
        await one.paint()
        assert "sealed #3" not in one.shown()


async def test_how_far_the_trail_is_sealed_is_the_first_to_have_no_room(tmp_path: Path) -> None:
    """The clock is in sight where the seal is not any more."""
    link = story.go_gate(tmp_path)
    link.tell("seal", through=3)
    async with desk(link, size=(60, 24)) as one:
        top = one.shown().splitlines()[0]
        assert "T+" in top
        assert top.count(":") > 2
        assert "sealed" not in top


async def test_cancel_says_that_nothing_runs(tmp_path: Path) -> None:
    """A key that has nothing to do is not silent."""
    async with desk(story.go_gate(tmp_path)) as one:
        await one.press("x")
        assert "Nothing runs that could be cancelled." in one.shown()


async def test_the_wall_shows_only_some_hosts(tmp_path: Path) -> None:
    """By state, by name, or all again; the counts stay those of all, and the next failed host is found."""
    async with desk(story.failure(tmp_path)) as one:
        wall = one.screen.query_one(Wall)
        await one.press("H", *"bad", "enter")
        assert "only bad: 3" in one.shown()
        assert "✓ 7 ok" in one.shown()
        assert wall.host == "cp16"
        await one.press("right_square_bracket", "escape")
        await one.press("H", *(["backspace"] * 3), *"cp1*", "enter")
        assert "only cp1*: 9" in one.shown()
        await one.press("escape")
        assert "only cp1*" not in one.shown()
        wall.narrow("nobody")
        await one.press("right_square_bracket", "tab", "tab", "enter", "space")
        assert "only nobody: 0" in one.shown()


@pytest.mark.parametrize("burst", ["g", "theme: day", "n no"])
async def test_what_is_typed_before_the_palettes_field_stands_is_kept(tmp_path: Path, burst: str) -> None:
    """Keys that come in one piece with the palette's are in its field, and none of them answers."""
    async with desk(story.go_gate(tmp_path)) as one:
        one.time.at += 1
        for letter in ":" + burst:
            one.pilot.app.post_message(events.Key({":": "colon", " ": "space"}.get(letter, letter), letter))
        await one.paint()
        await one.paint()
        assert one.pilot.app.screen.query_one(Input).value == burst
        assert not one.said


async def test_a_reason_typed_right_behind_its_answer_is_kept(tmp_path: Path) -> None:
    """The same holds for every field that a key opens; a yes is no text."""
    async with desk(story.go_gate(tmp_path)) as one:
        one.time.at += 1
        for letter in "nold":
            one.pilot.app.post_message(events.Key(letter, letter))
        await one.paint()
        await one.press("enter")
        assert one.said == [(Answer.NO_GO, "old", "")]


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_a_pane_alone_leaves_the_question_and_the_way_back_in_sight(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    """It has all the room between the top line, with the key that leads back, and the bar."""
    async with desk(story.failure(tmp_path), size=size) as one:
        for _ in range(4):
            await one.press("z")
            pane, bar = one.screen.maximized, one.screen.query_one(GateBar)
            assert pane is not None
            assert (pane.region.x, pane.region.y, pane.region.width) == (0, 1, size[0])
            assert pane.region.bottom == bar.region.y
            assert bar.region.bottom == size[1]
            assert "[z]" in one.shown().splitlines()[0]
            await one.press("z", "tab")
        await one.press("z")
        await one.pilot.resize_terminal(size[0], size[1] + 7)
        await one.paint()
        assert one.screen.query_one(GateBar).region.bottom == size[1] + 7
        await one.press("z")
        assert "[:]" in one.shown().splitlines()[0]


async def test_a_pane_alone_on_a_terminal_that_is_too_small_says_so(tmp_path: Path) -> None:
    """As everything else does."""
    async with desk(story.failure(tmp_path)) as one:
        await one.press("z")
        await one.pilot.resize_terminal(50, 12)
        await one.paint()
        assert "terminal too small" in one.shown()
        assert "retry" not in one.shown()


@pytest.mark.parametrize("width", [60, 70, 80, 120])
async def test_no_choice_of_the_failure_menu_is_cut(tmp_path: Path, width: int) -> None:
    """Where many words have no room there are fewer, as long as no names are among them."""
    async with desk(story.failure(tmp_path), size=(width, 40)) as one:
        menu = [line for line in one.shown().splitlines() if line.startswith(("  R  ", "  l  ", "  h  "))]
        assert len(menu) == 3
        assert not [line for line in menu if "…" in line]


async def test_escape_ends_a_search_in_a_pane_alone_before_it_gives_the_others_back(tmp_path: Path) -> None:
    """One thing at a time, the latest first, as the search's own words promise."""
    async with desk(story.failure(tmp_path)) as one:
        await one.press("tab", "tab", "tab", "z", "slash", *"python", "enter")
        assert "/python" in one.shown()
        await one.press("escape")
        assert "/python" not in one.shown()
        assert one.screen.maximized is not None
        await one.press("escape")
        assert one.screen.maximized is None
