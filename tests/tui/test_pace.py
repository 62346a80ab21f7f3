"""How long it will still take: learned from earlier runs, else from the hosts' own pace."""

from __future__ import annotations

from pathlib import Path

from gonogo.run.state import Answer
from gonogo.tui.apps.run import RunApp
from gonogo.tui.outline import Outline
from gonogo.tui.pace import NOTHING, Usual, expected, left_words, work_left
from gonogo.tui.screens.run import RunScreen

from . import gates, story
from .fake import SECOND, FakeLink

MINUTE = 60 * SECOND
STEPS = {one.step.id: 4 * MINUTE for one in story.plan().steps}
USUAL = Usual(3, STEPS)


def _left(link: FakeLink, usual: Usual) -> tuple[int, bool]:
    return work_left(Outline(link.state.plan), link.state, usual, link.now())


def test_only_what_is_still_to_come_counts(tmp_path: Path) -> None:
    """Two of four batches of an update are a half of it; waits count as they are written."""
    link = story.batch_gate(tmp_path)
    left, whole = _left(link, USUAL)
    assert left == (3 + 4 + 5 + 4) * MINUTE
    assert whole


def test_what_nobody_knows_is_said_to_be_missing(tmp_path: Path) -> None:
    """Without its steps' times a run has only its waits; it promises nothing."""
    link = story.batch_gate(tmp_path)
    assert _left(link, NOTHING) == (5 * MINUTE, False)
    assert left_words(Outline(link.state.plan), link.state, NOTHING, link.now()) == ""
    some = Usual(1, {"enable-the-nodes": 4 * MINUTE})
    assert left_words(Outline(link.state.plan), link.state, some, link.now()) == ">9 m 00 s left"


def test_a_running_step_goes_on_at_its_hosts_pace(tmp_path: Path) -> None:
    """Six of ten hosts in so many seconds: the other four take two thirds of that."""
    link = story.running(tmp_path)
    turn = link.state.turns[9]
    assert turn.started is not None
    spent = link.now() - turn.started
    whole = _left(link, NOTHING)[0]
    assert whole == 5 * MINUTE + spent * 4 // 6


async def test_the_screen_says_what_earlier_runs_took(tmp_path: Path) -> None:
    """Before the first go in a sentence, then in the header while it goes on."""
    link = gates.start(tmp_path)
    app = RunApp(link, learn=lambda start: USUAL)
    async with app.run_test(size=(140, 60)) as pilot:
        for _ in range(100):
            await pilot.pause(0.02)
            screen = next(one for one in app.screen_stack if isinstance(one, RunScreen))
            if screen.usual.runs:
                break
        screen.repaint()
        await pilot.pause()
        lines = ["".join(part.text for part in line) for line in screen._compositor.render_strips()]
        assert any("of work, as in 3 earlier runs" in line for line in lines)
        link.say(Answer.GO)
        screen.repaint()
        await pilot.pause()
        lines = ["".join(part.text for part in line) for line in screen._compositor.render_strips()]
        assert "~33 m 00 s left" in lines[0]


def test_nothing_is_expected_where_nothing_was_learned(tmp_path: Path) -> None:
    """No sentence is better than a guess."""
    link = gates.start(tmp_path)
    assert expected(Outline(link.state.plan), link.state, NOTHING) == ""
