"""Leaving the document's order, and the document itself: jumps, edits, revisions, rolling sections."""

from __future__ import annotations

import difflib
import hashlib
from pathlib import Path

import pytest
from msgspec.structs import replace

from gonogo.cli.starting.planning import Wish, plan_of
from gonogo.errors import RunError
from gonogo.run.revise import revised
from gonogo.run.state import Answer, At
from gonogo.tui.outline import Outline
from tests.run.live import HEAD, Live
from tests.tui.fake import SECOND, FakeLink, planned
from tests.tui.fake import plan_of as plan_of_steps

THREE = """
  - {id: one, hosts: web, via: local, run: 'echo "one $me" >>ran', rollback: 'echo "undo $me" >>ran'}
  - {id: two, hosts: web, via: local, run: 'echo "two $me" >>ran'}
  - {id: three, hosts: web, via: local, gate: go, run: 'echo "three $me" >>ran'}
"""


def _ran(live: Live) -> list[str]:
    return sorted((live.folder / "ran").read_text().splitlines())


async def test_jumping_forward_skips_what_lies_between(live: Live) -> None:
    """What is passed over is skipped, with a deviation each; without a reason it is refused."""
    await live.begin(THREE, hosts=1, pace="step")
    await live.gate(At.GO)
    with pytest.raises(RunError, match="needs a reason"):
        await live.link.act("jump", to="three", how="forward")
    with pytest.raises(RunError, match="no step 'four'"):
        await live.link.act("jump", to="four", how="forward", reason="x")
    await live.link.act("jump", to="three", how="forward", reason="they are done")
    await live.until(lambda state: state.gate and state.gate.turn == 2)
    await live.say(Answer.GO)
    assert await live.end() == "go"
    assert _ran(live) == ["three a"]
    said = [(one["step"], one["what"], one["hosts"], one["reason"]) for one in live.records("deviation")]
    assert said == [("one", "skip", ["a"], "they are done"), ("two", "skip", ["a"], "they are done")]


async def test_a_done_step_asks_before_it_runs_again(live: Live) -> None:
    """It says who ran it; skip leaves it as it was, its capture too; go runs it, and the run goes on."""
    text = """
      - {id: one, title: One, hosts: web, via: local, read-only: true, capture: one,
         run: 'echo "$me" | tee -a ran'}
      - {id: two, hosts: web, via: local, gate: go, run: 'echo "then $one" >>ran'}
    """
    await live.begin(text, hosts=1)
    for answer in (Answer.SKIP, Answer.GO):
        await live.gate(At.GO)
        await live.link.act("jump", to="one", how="again", reason="once more")
        await live.until(lambda state: state.gate and state.gate.at is At.AGAIN)
        gate = await live.gate(At.AGAIN)
        assert gate.question == "One on 1 host: it was done before"
        assert (gate.evidence["result"], gate.evidence["by"]) == ("ok", "ann@desk")
        await live.say(answer)
    await live.gate(At.GO)
    await live.say(Answer.GO)
    assert await live.end() == "go"
    assert _ran(live) == ["a", "a", "then a"]


async def test_a_done_step_can_be_rolled_back(live: Live) -> None:
    """The rollback runs where the step ran, and the run goes on where it was."""
    await live.begin(THREE)
    await live.gate(At.GO)
    with pytest.raises(RunError, match="'two' has no rollback"):
        await live.link.act("jump", to="two", how="rollback", reason="x")
    await live.link.act("jump", to="one", how="rollback", reason="it was wrong")
    await live.until(lambda state: state.turns[0].result == "rolled-back")
    with pytest.raises(RunError, match="reached no host"):
        await live.link.act("jump", to="one", how="rollback", reason="twice")
    await live.say(Answer.GO)
    assert await live.end() == "go"
    assert [line for line in _ran(live) if "undo" in line] == ["undo a", "undo b", "undo c"]
    assert live.records("deviation")[0]["what"] == "rollback"


async def test_an_edited_command_is_what_runs(live: Live) -> None:
    """The difference and the reason are in the trail; the run asks before it runs the new command."""
    await live.begin(THREE, hosts=1)
    await live.gate(At.GO)
    with pytest.raises(RunError, match="the same as before"):
        await live.link.act("edit", step="three", script='echo "three $me" >>ran', reason="x")
    with pytest.raises(RunError, match="no NUL"):
        await live.link.act("edit", step="three", script="a\0b", reason="x")
    with pytest.raises(RunError, match="'one' is over"):
        await live.link.act("edit", step="one", script="true", reason="x")
    await live.link.act("edit", step="three", script='echo "drei $me" >>ran', reason="in German")
    await live.until(lambda state: state.gate and state.edited)
    await live.say(Answer.GO)
    assert await live.end() == "go"
    assert "drei a" in _ran(live)
    (said,) = live.records("edit")
    assert '-echo "three $me" >>ran\n+echo "drei $me" >>ran' in said["diff"]
    ran = hashlib.sha256(b'echo "drei $me" >>ran').hexdigest()
    assert live.records("step.plan")[-1]["script"] == ran


async def test_skipping_and_pausing_say_why(live: Live) -> None:
    """A skip wants a reason and is a deviation; a pause says why the run rests, until the next answer."""
    await live.begin(THREE, hosts=1, pace="step")
    gate = await live.gate(At.GO)
    with pytest.raises(RunError, match="skip needs a reason"):
        await live.link.answer(gate.number, Answer.SKIP)
    await live.link.act("pause", reason="lunch")
    await live.until(lambda state: state.paused == "lunch")
    await live.say(Answer.SKIP, reason="not today")
    assert live.state.paused == ""
    assert [(one["what"], one["reason"]) for one in live.records("deviation")] == [("skip", "not today")]


async def test_steps_left_out_from_the_start_are_deviations(live: Live) -> None:
    """Starting at a step, or with some alone, skips the others and says why."""
    await live.begin(THREE, hosts=1, skip=[(["one", "two"], "--start-at three")])
    await live.say(Answer.GO)
    assert await live.end() == "go"
    assert _ran(live) == ["three a"]
    assert [one["reason"] for one in live.records("deviation")] == ["--start-at three"] * 2


ROLLING = """
  - title: Nodes
    id: nodes
    hosts: web
    via: local
    batch: 1,2
    steps:
      - {id: off, run: 'echo "off $me" >>ran', rollback: 'echo "on $me" >>ran'}
      - {id: up, run: 'echo "up $me" >>ran; test ! -e "bad.$me"'}
      - {id: local, hosts: localhost, run: 'echo local >>ran'}
      - {id: seen, confirm: Are they well?}
"""


async def test_a_section_rolls_batch_by_batch(live: Live) -> None:
    """All its steps go through one batch before the next; a person is asked in each of them."""
    await live.begin(ROLLING, hosts=5)
    asked = []
    while not live.state.result:
        await live.until(lambda state: state.gate or state.result)
        if live.state.gate is not None:
            turn = live.state.plan.turns[live.state.gate.turn]
            asked.append((live.state.gate.at.value, turn.batch))
            await live.say(Answer.GO)
    lines = (live.folder / "ran").read_text().splitlines()
    assert lines[:2] == ["off a", "up a"]
    assert sorted(lines[3:7]) == ["off b", "off c", "up b", "up c"]
    assert [one for one in asked if one[0] == "confirm"] == [("confirm", 0), ("confirm", 1), ("confirm", 2)]
    assert [one for one in asked if one[0] == "batch"] == [("batch", 1), ("batch", 2)]
    assert lines.count("local") == 3


async def test_the_gate_between_batches_shows_evidence(live: Live) -> None:
    """It says how the batch before went: counts, who failed, who was slowest, who differs."""
    (live.folder / "bad.b").touch()
    await live.begin(
        """
      - {id: up, hosts: web, via: local, batch: '4',
         run: 'echo fine; test "$me" != d || echo odd; test ! -e "bad.$me"'}
    """,
        hosts=5,
    )
    await live.say(Answer.LEAVE_OUT)
    gate = await live.gate(At.BATCH)
    assert gate.evidence["counts"] == {"ok": 3, "left-out": 1}
    assert gate.evidence["bad"] == ["b"]
    assert gate.evidence["slowest"] in "abcd"
    assert gate.evidence["slowest_ns"] > 0
    assert gate.evidence["differs"] == [{"step": "up", "hosts": ["d"], "number": 1}]
    assert gate.evidence["left_ns"] > 0


def test_what_people_take_to_answer_is_no_work_that_is_left(tmp_path: Path) -> None:
    """Three hours at a failure of the first batch are not foretold for the second."""
    link = FakeLink(plan_of_steps([planned("Up", ("a", "b"), batches=2)]), tmp_path)
    link.ask()
    link.say(Answer.GO)
    for state in ("failed", "ok"):
        link.begin(0)
        link.exit(0, "a", state)
        link.tell("round.end", turn=0)
        if state == "failed":
            link.ask()
            link.at += 3 * 3600 * SECOND
            link.say(Answer.RETRY_FAILED)
    link.tell("step.end", turn=0, result="ok")
    link.ask()
    assert link.state.gate is not None
    assert 0 < link.state.gate.evidence["left_ns"] < 60 * SECOND


@pytest.mark.parametrize(("parallel", "waves"), [(None, 1), (4, 2), (1, 7)])
def test_hosts_that_go_out_together_take_the_time_of_one(
    tmp_path: Path, parallel: int | None, waves: int
) -> None:
    """A canary foretells the batch behind it as often as its hosts go out, not as many as they are."""
    step = planned("Up", tuple("abcdefgh"), parallel=parallel)
    link = FakeLink(plan_of_steps([replace(step, batches=(step.hosts[:1], step.hosts[1:]))]), tmp_path)
    link.ask()
    link.say(Answer.GO)
    link.begin(0)
    link.exit(0, "a")
    link.tell("round.end", turn=0)
    link.tell("step.end", turn=0, result="ok")
    link.ask()
    assert link.state.gate is not None
    assert link.state.gate.evidence["left_ns"] == link.state.turns[0].worked * waves


@pytest.mark.parametrize(("between", "by"), [("go", None), ("1s", "clock"), ("2h", "ann@desk")])
async def test_between_batches_it_asks_goes_or_waits(live: Live, between: str, by: str | None) -> None:
    """`between=go` asks nothing; a pause ends by itself or is cut short."""
    await live.begin(f"  - {{id: up, hosts: web, via: local, batch: '1,5', between: {between}, run: date}}\n")
    if by == "ann@desk":
        await live.gate(At.WAIT)
        await live.say(Answer.GO)
    await live.until(lambda state: state.result)
    assert [one.by for one in live.state.decisions] == ([by] if by else [])


async def test_parallel_and_order_are_kept(live: Live) -> None:
    """With parallel=1 hosts go one after the other, in the order that the document asks for."""
    await live.begin(
        """
      - {id: up, hosts: web, via: local, parallel: 1, order: reverse_sorted, run: 'echo "$me" >>ran'}
    """,
        hosts=4,
    )
    assert await live.end() == "go"
    assert (live.folder / "ran").read_text().split() == ["d", "c", "b", "a"]


async def test_jumping_in_a_rolling_section_passes_over_its_own_batch_alone(live: Live) -> None:
    """Later batches go through every step."""
    await live.begin(ROLLING, hosts=3, pace="step")
    await live.gate(At.GO)
    await live.link.act("jump", to="seen", how="forward", reason="the canary is done")
    await live.until(lambda state: state.gate and state.gate.at is At.CONFIRM)
    await live.say(Answer.GO)
    await live.gate(At.BATCH)
    await live.say(Answer.GO)
    await live.until(lambda state: state.gate and state.gate.at is At.CONFIRM)
    assert _ran(live) == ["local", "off b", "off c", "up b", "up c"]


def _edit(live: Live, text: str) -> dict[str, object]:
    """Write another runbook; return what a revision of the run says."""
    before = live.folder / "runbook.yaml"
    old = before.read_text()
    before.write_text(HEAD + "steps:\n" + text)
    new = replace(plan_of(Wish(before, pace="flow")).plan, preflight=False)
    plan = revised(live.state.plan, new)
    dumped = plan.dump()
    (live.run / "runbook" / "plan-2.json").write_bytes(dumped)
    diff = "\n".join(difflib.unified_diff(old.splitlines(), before.read_text().splitlines(), lineterm=""))
    return {"file": "plan-2.json", "digest": hashlib.sha256(dumped).hexdigest(), "diff": diff, "sources": []}


CHANGED = """
  - {id: one, hosts: web, via: local, run: 'echo "one $me" >>ran', rollback: 'echo "undo $me" >>ran'}
  - {id: new, hosts: web, via: local, run: 'echo "new $me" >>ran'}
  - {id: two, hosts: web, via: local, run: 'echo "other two $me" >>ran'}
  - {id: three, hosts: web, via: local, gate: go, run: 'echo "three $me" >>ran'}
"""


@pytest.mark.parametrize("when", ["live", "resumed"])
async def test_an_edited_runbook_keeps_what_was_done(live: Live, when: str) -> None:
    """Unchanged steps stay done; a changed one says that it was done before; new ones run."""
    await live.begin(THREE, hosts=1)
    await live.gate(At.GO)
    fields = _edit(live, CHANGED)
    if when == "live":
        await live.link.revise(**fields)  # type: ignore[arg-type]
    else:
        await live.resume(revision=fields)
    await live.until(lambda state: state.gate and state.gate.at is At.AGAIN)
    gate = await live.gate(At.AGAIN)
    assert live.state.plan.step_of(live.state.plan.turns[gate.turn]).step.id == "two"
    await live.say(Answer.GO)
    await live.gate(At.GO)
    await live.say(Answer.GO)
    assert await live.end() == "go"
    assert _ran(live) == ["new a", "one a", "other two a", "three a", "two a"]
    assert "+  - {id: new" in live.records("plan.change")[0]["diff"]


async def test_an_edit_elsewhere_still_asks_about_a_failed_host(live: Live) -> None:
    """Before any go. Its output is the old turn's until something runs on it, a rollback too."""
    failing = """
      - {id: one, hosts: web, via: local, gate: go, run: 'echo did; exit 1', rollback: 'echo undid; exit 1'}
    """
    await live.begin(failing + "  - {id: two, hosts: web, via: local, run: 'true'}\n", hosts=1)
    await live.gate(At.GO)
    await live.say(Answer.GO)
    await live.until(lambda state: state.gate and state.gate.at is At.FAILURE)
    await live.link.revise(**_edit(live, failing + "  - {id: two, hosts: web, via: local, run: ':'}\n"))  # type: ignore[arg-type]
    await live.until(lambda state: state.gate and state.gate.turn >= state.plan.first > 0)
    turn = (await live.gate(At.FAILURE)).turn
    outline = Outline(live.state.plan)
    assert outline.printed(live.state, turn, "a") == 0
    await live.say(Answer.ROLLBACK)
    await live.until(lambda state: state.gate and Answer.RETRY_FAILED not in state.gate.choices)
    assert outline.printed(live.state, turn, "a") == turn
    await live.say(Answer.BY_HAND)
    await live.until(lambda state: state.gate and state.gate.at is At.ROLLED_BACK)
    await live.say(Answer.SKIP)
    assert await live.end() == "go"


async def test_a_host_that_is_picked_up_after_an_edit_runs_once(live: Live) -> None:
    """The old text's step and the new one's both went without it; the new one's runs for it."""
    one = "  - {id: one, hosts: web, via: local, run: 'test -e there-$me && echo one $me >>ran'}\n"
    (live.folder / "there-b").touch()
    await live.begin(one + "  - {id: two, hosts: web, via: local, gate: go, run: 'true'}\n", hosts=2)
    await live.gate(At.FAILURE)
    await live.say(Answer.LEAVE_OUT)
    await live.gate(At.GO)
    fields = _edit(live, one + "  - {id: two, hosts: web, via: local, gate: go, run: ':'}\n")
    await live.link.revise(**fields)  # type: ignore[arg-type]
    await live.until(lambda state: state.gate and state.gate.turn >= state.plan.first > 0)
    (live.folder / "there-a").touch()
    await live.link.act("pick-up", hosts=["a"])
    await live.until(lambda state: state.gate or state.result)
    while live.state.gate:
        await live.say(Answer.GO)
        await live.until(lambda state: state.gate or state.result)
    assert _ran(live) == ["one a", "one b"]


async def test_a_plan_that_does_not_go_on_is_refused(live: Live) -> None:
    """A plan with another digest, of another run, or from outside the directory changes nothing."""
    await live.begin(THREE, hosts=1)
    await live.gate(At.GO)
    fields = _edit(live, CHANGED)
    for wrong in (
        {"digest": "0" * 64},
        {"file": "../plan.json"},
        {"file": "plan-9.json"},
        {"file": "plan.json"},
    ):
        with pytest.raises(RunError):
            await live.link.revise(**{**fields, **wrong})  # type: ignore[arg-type]
    assert live.records("plan.change") == []
    await live.say(Answer.GO)
    assert await live.end() == "go"
