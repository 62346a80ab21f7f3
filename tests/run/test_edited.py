"""A runbook that is edited while hosts are not well: what is asked then, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from gonogo.format.model import Step
from gonogo.run.plan import Plan, PlannedInput
from gonogo.run.ports import Ended, Exit
from gonogo.run.revise import revised
from gonogo.run.state import Answer, At, Phase
from tests.run.plans import plan_of, step
from tests.run.world import World, edited

NEXT = step("next")
ABOUT_ONE = (At.FAILURE, "Up: 1 failed")


def _failed(first: Step | Plan) -> World:
    """Return a run that asks about `h1` of three hosts, after the first step's go."""
    world = World(first if isinstance(first, Plan) else plan_of(first, NEXT, hosts=3))
    _moved(world)
    if world.state.gate and world.state.gate.at is At.APPROVE:
        world.approve()
    assert not world.answer(Answer.GO)
    while not world.waits():
        _sent(world, "h1")
    return world


def _sent(world: World, *failed: str) -> tuple[Phase, tuple[str, ...]] | None:
    """Make a move; return the script that goes out, if one does, and its hosts, of which these fail."""
    world.move(lambda options: options[0])
    if (job := world.job) is None:
        return None
    host = ""

    def pick(options: Sequence[Any]) -> Any:
        nonlocal host
        host = options[0] if isinstance(options[0], str) else host
        return Exit(Ended.EXIT, 1) if isinstance(options[0], Exit) and host in failed else options[0]

    while world.job is not None:
        world.hear(pick)
    return job.phase, job.hosts


def _moved(world: World) -> list[tuple[Phase, tuple[str, ...]]]:
    """Let the run go on to its next question; return what went out on hosts until then."""
    sent = []
    while not world.waits():
        sent.append(_sent(world))
    return [one for one in sent if one]


def _asked(world: World) -> tuple[At, str]:
    gate = world.state.gate
    assert gate is not None
    return gate.at, gate.question


def _take(world: World, up: Step) -> None:
    """Go on with an edited runbook: the first step as given, the second one changed."""
    plan = plan_of(up, replace(NEXT, script=edited(NEXT)), hosts=3)
    world.revise(revised(world.state.plan, plan))
    assert _moved(world) == []


@pytest.mark.parametrize(
    ("gate", "asked"), [(None, At.GO), ("go", At.GO), ("typed", At.TYPED), ("approve", None)]
)
def test_an_edit_elsewhere_asks_about_hosts_first_and_for_a_go_once_something_runs(
    gate: str | None, asked: At | None
) -> None:
    """Of a retried host, and of no other; signatures under the very same step still stand."""
    up = step("up", gate=gate, approvers=1)
    world = _failed(up)
    _take(world, up)
    assert _asked(world) == ABOUT_ONE
    assert not world.answer(Answer.RETRY_FAILED)
    if asked:
        assert _moved(world) == []
        assert _asked(world) == (asked, "Up on 1 host")
        assert not world.answer(Answer.GO)
    assert _moved(world) == [(Phase.RUN, ("h1",))]
    assert _asked(world) == (At.GO, "Next on 3 hosts")


@pytest.mark.parametrize("answer", [Answer.LEAVE_OUT, Answer.BY_HAND])
def test_an_answer_that_runs_nothing_is_followed_by_no_go(answer: Answer) -> None:
    """The step is over, and the next one asks."""
    up = step("up", gate="typed")
    world = _failed(up)
    _take(world, up)
    assert not world.answer(answer)
    assert _moved(world) == []
    assert _asked(world)[1].startswith("Next on ")


def test_a_check_that_is_left_needs_no_go() -> None:
    """It looks at what ran with one; a retry after it does run something."""
    up = step("up", check=True)
    world = _failed(up)
    _take(world, up)
    assert not world.answer(Answer.LEAVE_OUT)
    assert _sent(world, "h2") == (Phase.CHECK, ("h0", "h2"))
    assert _moved(world) == []
    assert _asked(world) == ABOUT_ONE
    assert not world.answer(Answer.RETRY_FAILED)
    assert _moved(world) == []
    assert _asked(world) == (At.GO, "Up on 1 host")


def test_after_a_rollback_a_retry_asks_for_its_go() -> None:
    """The rollback itself was asked for."""
    up = step("up", rollback=True)
    world = _failed(up)
    _take(world, up)
    assert not world.answer(Answer.ROLLBACK)
    assert _moved(world) == [(Phase.ROLLBACK, ("h0", "h1", "h2"))]
    assert not world.answer(Answer.RETRY_ALL)
    assert _moved(world) == []
    assert _asked(world) == (At.GO, "Up on 3 hosts")


def test_hosts_of_which_nothing_is_known_are_asked_about_before_the_go() -> None:
    """The process died while the command was out on one of them; the edited runbook is gone on with."""
    up = step("up")
    world = World(plan_of(up, NEXT, hosts=3))
    _moved(world)
    assert not world.answer(Answer.GO)
    world.move(lambda options: options[0])
    world.hear(lambda options: options[0])
    world.crash(len(world.lines))
    _take(world, up)
    assert _asked(world) == (At.FAILURE, "Up: 1 unknown")
    assert not world.answer(Answer.BY_HAND)
    assert _moved(world) == []
    assert _asked(world) == (At.GO, "Up on 2 hosts")
    assert not world.answer(Answer.GO)
    assert _moved(world) == [(Phase.RUN, ("h1", "h2"))]


@pytest.mark.parametrize("more", [{"retries": 2}, {"until": True, "every": 1.0, "timeout": 3.0}])
def test_tries_that_were_made_stay_made(more: dict[str, Any]) -> None:
    """An edit elsewhere has a step not try of itself anew: the person is asked, as before the edit."""
    up = step("up", **more)
    world = _failed(up)
    _take(world, up)
    assert _asked(world) == ABOUT_ONE


def test_a_step_that_was_changed_asks_once_before_it_runs_anew() -> None:
    """On all its hosts. The question tells of those that were not well; they are asked about no more."""
    up = step("up")
    world = _failed(up)
    _take(world, replace(up, script=edited(up)))
    assert _asked(world) == (At.AGAIN, "Up on 3 hosts: it was begun before, 1 failed")
    assert not world.answer(Answer.GO)
    assert _moved(world) == [(Phase.RUN, ("h0", "h1", "h2"))]
    assert _asked(world) == (At.GO, "Next on 3 hosts")


def test_giving_a_value_is_no_go_for_an_edited_command() -> None:
    """The command that the operator wrote uses an input: that is asked for, and then the go."""
    plan = replace(plan_of(step("up"), hosts=3), inputs=(PlannedInput("colour", None, reached=True),))
    world = _failed(plan)
    assert world.act("edit", step="up", script="paint $colour", reason="why")
    assert _moved(world) == []
    assert _asked(world) == ABOUT_ONE
    assert not world.answer(Answer.RETRY_FAILED)
    assert _moved(world) == []
    assert _asked(world) == (At.INPUT, "colour")
    assert not world.answer(Answer.GO)
    assert _moved(world) == []
    assert _asked(world) == (At.GO, "Up on 1 host")


def test_a_step_that_is_rolled_back_on_demand_is_over_after_it() -> None:
    """Its rollback was cancelled, and the rest of the runbook edited: nobody asks to run it again."""
    up = step("up", rollback=True)
    world = World(plan_of(up, NEXT, hosts=3))
    _moved(world)
    assert not world.answer(Answer.GO)
    _moved(world)
    assert world.act("jump", to="up", how="rollback", reason="why")
    world.move(lambda options: options[0])
    world.cancel()
    _moved(world)
    _take(world, up)
    assert _asked(world) == (At.FAILURE, "Up, rollback: 3 cancelled")
    assert not world.answer(Answer.BY_HAND)
    assert _moved(world) == []
    assert _asked(world) == (At.GO, "Next on 3 hosts")
