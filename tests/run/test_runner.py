"""The runner's decisions, driven without a clock, a network or a terminal."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gonogo.format.model import Kind
from gonogo.run.acts import ACTS
from gonogo.run.plan import Plan
from gonogo.run.runner import Ask, End, Execute, Finish, Settle, Wait, decide, refusal
from gonogo.run.state import Answer, At, HostState, Phase, RunState
from gonogo.run.words import NEEDS_REASON
from tests.run.plans import plan_of, step


class World:
    """Plays the conductor: makes moves happen as records, with outcomes chosen by `outcome`."""

    def __init__(self, plan: Plan, outcome: Any = None) -> None:
        self.plan, self.state = plan, RunState.of(plan)
        self.records: list[dict[str, Any]] = []
        self.executed: list[tuple[str, Phase, tuple[str, ...]]] = []
        self._outcome = outcome or (lambda host, phase, attempt: HostState.OK)
        self._gates = 0
        self.add("run.start", run="r", by="me")

    def add(self, kind: str, **fields: Any) -> None:
        """Write a record and fold it."""
        record = {
            "n": len(self.records),
            "t": "2026-01-01T00:00:00.000000Z",
            "m": len(self.records),
            "k": kind,
        }
        self.records.append({**record, **fields})
        self.state.apply(self.records[-1])

    def move(self) -> Any:
        """Make one move happen; return it."""
        move = decide(self.plan, self.state)
        match move:
            case Ask():
                self._gates += 1
                choices = [choice.value for choice in move.choices]
                fields: dict[str, Any] = {"gate": self._gates, "at": move.at.value, "turn": move.turn.index}
                fields |= {"evidence": move.evidence, "of": [one.value for one in move.of]}
                self.add("gate.ask", **fields, choices=choices, question=move.question)
            case Execute():
                self.execute(move)
            case Finish(turn, result):
                self.add("step.end", turn=turn.index, result=result)
            case Settle(turn, answer, reason):
                self.add("step.settle", turn=turn.index, answer=answer.value, reason=reason)
            case End(result):
                self.add("run.end", result=result)
        return move

    def execute(self, move: Execute, crash_after: int | None = None) -> None:
        """Run a script on its hosts; a crash leaves the later ones unfinished."""
        turn = move.turn.index
        attempt = self.state.turns[turn].attempt + 1
        self.executed.append((self.plan.step_of(move.turn).step.id, move.phase, move.hosts))
        identity = {"turn": turn, "phase": move.phase.value, "attempt": attempt}
        self.add("step.plan", **identity, hosts=len(move.hosts))
        self.add("host.start", **identity, hosts=list(move.hosts))
        for at, host in enumerate(move.hosts):
            if at == crash_after:
                running = self.state.turns[turn].in_state(HostState.RUNNING)
                self.add("host.unknown", turn=turn, hosts=running, why="died")
                return
            state = self._outcome(host, move.phase, attempt)
            if state is HostState.OK and move.phase is Phase.ROLLBACK:
                state = HostState.ROLLED_BACK
            self.add("host.exit", **identity, host=host, state=state.value, how="exit")
        self.add("round.end", **identity)

    def answer(self, answer: Answer, **fields: Any) -> None:
        """Answer the open gate."""
        gate = self.state.gate
        assert gate is not None
        self.add("gate.answer", gate=gate.number, answer=answer.value, by="me", reason="because", **fields)

    def act(self, name: str, **fields: Any) -> None:
        """Do what is no answer."""
        for kind, said in ACTS[name](self.state, "me", **fields):
            self.add(kind, **said)

    def until_gate(self) -> At | str:
        """Move until something is asked or the run is over."""
        for _ in range(500):
            move = self.move()
            if isinstance(move, Wait):
                return move.gate.at
            if isinstance(move, End):
                return move.result
        raise AssertionError("the run does not come to a gate")


def test_a_changing_step_waits_for_its_go() -> None:
    """Nothing is executed before the gate is answered with go; then once, on all hosts."""
    world = World(plan_of(step("stop")))
    assert world.until_gate() is At.GO
    assert world.executed == []
    world.answer(Answer.GO)
    assert world.until_gate() == "go"
    assert world.executed == [("stop", Phase.RUN, ("h0", "h1", "h2", "h3"))]


def test_a_read_only_step_needs_no_go() -> None:
    """A read-only step runs by itself, and its check after it."""
    world = World(plan_of(step("look", read_only=True, check=True)))
    assert world.until_gate() == "go"
    assert [phase for _, phase, _ in world.executed] == [Phase.RUN, Phase.CHECK]


def test_no_go_ends_the_run_untouched() -> None:
    """No-go at the first gate ends the run and nothing has run."""
    world = World(plan_of(step("stop"), step("start")))
    world.until_gate()
    world.answer(Answer.NO_GO)
    assert world.until_gate() == "no-go"
    assert world.executed == []


def test_retry_goes_to_the_failed_hosts_alone() -> None:
    """Retry runs on the hosts that failed, never again on those that are done."""
    world = World(
        plan_of(step("up")),
        lambda host, phase, attempt: HostState.FAILED if host == "h2" and attempt == 1 else HostState.OK,
    )
    world.until_gate()
    world.answer(Answer.GO)
    assert world.until_gate() is At.FAILURE
    world.answer(Answer.RETRY_FAILED)
    assert world.until_gate() == "go"
    assert [hosts for *_, hosts in world.executed] == [("h0", "h1", "h2", "h3"), ("h2",)]


def test_hosts_left_out_stay_out() -> None:
    """A host that was left out is not touched by any later step."""
    world = World(
        plan_of(step("one"), step("two"), pace="flow"),
        lambda host, phase, attempt: HostState.FAILED if host == "h1" else HostState.OK,
    )
    assert world.until_gate() is At.FAILURE
    world.answer(Answer.LEAVE_OUT)
    assert world.until_gate() is At.END
    assert world.executed[1] == ("two", Phase.RUN, ("h0", "h2", "h3"))
    assert world.state.left_out == {"h1": "because"}


def test_rollback_reaches_only_hosts_that_were_touched() -> None:
    """Rollback runs where the step ran; an unreachable host is left alone."""
    outcomes = {"h0": HostState.OK, "h1": HostState.FAILED, "h2": HostState.UNREACHABLE, "h3": HostState.OK}
    plan = plan_of(step("cfg", rollback=True), pace="flow")
    world = World(plan, lambda host, phase, attempt: outcomes[host] if phase is Phase.RUN else HostState.OK)
    decided = decide(plan, world.state)
    assert isinstance(decided, Execute)
    identity = {"turn": 0, "phase": "run", "attempt": 1}
    world.add("step.plan", **identity, hosts=4)
    world.add("host.start", **identity, hosts=["h0", "h1", "h3"])
    for host, state in outcomes.items():
        world.add("host.exit", **identity, host=host, state=state.value, how="exit")
    world.add("round.end", **identity)
    assert world.until_gate() is At.FAILURE
    world.answer(Answer.ROLLBACK)
    assert world.until_gate() is At.ROLLED_BACK
    assert world.executed[-1] == ("cfg", Phase.ROLLBACK, ("h0", "h1", "h3"))
    world.answer(Answer.SKIP)
    assert world.until_gate() == "go"
    assert world.state.turns[0].result == "rolled-back"


def test_batches_are_asked_about_one_by_one() -> None:
    """Each batch waits for its own go and shows what came before."""
    world = World(plan_of(step("up", batch=("1", "50%")), hosts=5))
    asked = []
    while isinstance(at := world.until_gate(), At):
        asked.append(at)
        world.answer(Answer.GO)
    assert asked == [At.GO, At.BATCH, At.BATCH]
    assert [len(hosts) for *_, hosts in world.executed] == [1, 3, 1]


def test_unknown_hosts_are_asked_about() -> None:
    """After a crash the hosts that were out are unknown, and a person decides; done ones stay done."""
    world = World(plan_of(step("up"), pace="flow"))
    move = decide(world.plan, world.state)
    assert isinstance(move, Execute)
    world.execute(move, crash_after=2)
    assert world.until_gate() is At.FAILURE
    assert world.state.turns[0].in_state(HostState.UNKNOWN) == ["h2", "h3"]
    world.answer(Answer.RETRY_FAILED)
    assert world.until_gate() == "go"
    assert world.executed[-1][2] == ("h2", "h3")


@pytest.mark.parametrize(("policy", "result"), [("stop", "aborted"), ("continue", At.END)])
def test_the_document_can_decide_about_failures(policy: str, result: object) -> None:
    """on-failure=stop ends the run, on-failure=continue goes on without the failed host, unasked."""
    world = World(
        plan_of(step("up", on_failure=policy), step("next"), pace="flow"),
        lambda host, phase, attempt: HostState.FAILED if host == "h0" else HostState.OK,
    )
    assert world.until_gate() == result


def test_retries_of_the_document_come_before_a_question() -> None:
    """retries=2 tries the failed host twice more, and asks only then."""
    world = World(
        plan_of(step("up", retries=2), pace="flow"),
        lambda host, phase, attempt: HostState.FAILED if host == "h0" else HostState.OK,
    )
    assert world.until_gate() is At.FAILURE
    assert [hosts for *_, hosts in world.executed][1:] == [("h0",), ("h0",)]


def test_answers_are_refused_with_a_reason() -> None:
    """A wrong gate, a choice that is not offered, a missing reason and a wrong number are refused."""
    world = World(plan_of(step("drop", gate="typed")))
    assert world.until_gate() is At.TYPED
    assert "not open" in refusal(world.plan, world.state, 9, Answer.GO, "", "")
    assert "no choice" in refusal(world.plan, world.state, 1, Answer.RETRY_ALL, "", "")
    assert "reason" in refusal(world.plan, world.state, 1, Answer.NO_GO, "", "  ")
    assert "type the number of hosts, 4" in refusal(world.plan, world.state, 1, Answer.GO, "3", "")
    assert refusal(world.plan, world.state, 1, Answer.GO, "4", "") == ""


_STATES = st.sampled_from([HostState.OK] * 6 + [HostState.FAILED, HostState.LOST, HostState.UNREACHABLE])


@settings(max_examples=150)
@given(st.data())
def test_any_run_keeps_its_promises(data: st.DataObject) -> None:
    """Random runs: no exec without its go, left-out hosts untouched, and the fold is the same twice."""
    plan = plan_of(
        step("look", read_only=True),
        step("human", kind=Kind.CONFIRM),
        step("stop", check=True, rollback=True),
        step("up", batch=("1", "50%"), check=True),
        step("start", rollback=True, gate="typed"),
    )
    world = World(plan, lambda host, phase, attempt: data.draw(_STATES))
    for _ in range(120):
        before = len(world.executed)
        move = world.move()
        if isinstance(move, Execute):
            turn = world.state.turns[move.turn.index]
            assert turn.go or plan.step_of(move.turn).step.options.read_only or move.turn.batch >= 0
            assert not set(move.hosts) & set(world.state.left_out)
            if not plan.step_of(move.turn).step.options.read_only:
                assert any(
                    d.gate.turn == move.turn.index and d.answer is Answer.GO for d in world.state.decisions
                )
        else:
            assert len(world.executed) == before
        if isinstance(move, Wait):
            choices = [choice for choice in move.gate.choices if choice is not Answer.ABORT]
            answer = data.draw(st.sampled_from(choices))
            why = refusal(plan, world.state, move.gate.number, answer, "4", "x")
            if answer in NEEDS_REASON or not why:
                world.answer(answer)
            else:
                world.answer(Answer.SKIP)
        if isinstance(move, End):
            break
    cut_at = data.draw(st.integers(0, len(world.records)))
    again = RunState.of(plan)
    for record in world.records[:cut_at]:
        again.apply(record)
    for record in world.records[cut_at:]:
        again.apply(record)
    assert again == world.state
    assert RunState.of(Plan.parse(plan.dump())).plan == plan


def test_the_last_turn_of_hosts() -> None:
    """A batch's last step is the last of its hosts, unless a test of the test plan looks at them later."""
    plan = plan_of(step("one", batch=("2",)), step("two", batch=("2",)))
    assert [plan.is_last(turn) for turn in plan.turns] == [False, False, True, True]
    tested = replace(plan, tests=(replace(plan.steps[0], hosts=("h3",)),))
    assert [tested.is_last(turn) for turn in plan.turns] == [False, False, True, False]
