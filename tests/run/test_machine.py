"""Random runs: any plan, failures, losses, crashes, answers and acts; what must hold, holds all the time."""

from __future__ import annotations

import os
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from msgspec.structs import replace

from gonogo.format.model import Kind, Limits, Monitor, Options, Place, Runbook, Script, Section, Step, Verdict
from gonogo.hosts.model import Host, Inventory
from gonogo.run.build import build
from gonogo.run.plan import Plan, PlannedInput
from gonogo.run.revise import revised
from gonogo.run.state import Answer, At
from tests.run.world import World

T = TypeVar("T")
LONG = bool(os.environ.get("GONOGO_TORTURE"))
HERE = Place("random.md")
MOVES = 400
"""Moves after which a run that nobody hinders counts as never ending."""
EXITS = ((10, Verdict.AGAIN), (20, Verdict.WARN))


def _often(usual: T, *others: T) -> st.SearchStrategy[T]:
    """Draw the usual value two times out of three."""
    return st.one_of(st.just(usual), st.just(usual), st.sampled_from(others))


@st.composite
def options(draw: st.DrawFn) -> Options:
    """Draw how a step runs."""
    until = draw(_often(False, True))
    return Options(
        hosts="all",
        batch=draw(_often((), ("1",), ("1", "2"))),
        between=draw(_often("ask", "go", "5")),
        max_failures=draw(_often(None, "0", "1", "50%")),
        on_failure=draw(_often("ask", "stop", "continue", "rollback")),
        retries=draw(_often(0, 1, 2)),
        retry_delay=draw(_often(0.0, 1.0)),
        exit_map=draw(_often((), EXITS)),
        gate=draw(_often(None, "go", "auto", "typed", "approve")),
        approvers=draw(_often(1, 2)),
        read_only=until or draw(_often(False, True)),
        until=until,
        every=1.0 if until else None,
        timeout=10.0 if until else None,
        when=draw(_often(None, "x == 1")),
        wait=draw(_often(None, 5.0)),
    )


@st.composite
def steps(draw: st.DrawFn, name: str) -> Step:
    """Draw a step."""
    kind = draw(_often(Kind.RUN, Kind.CONFIRM, Kind.WAIT))
    if kind is not Kind.RUN:
        wait = 5.0 if kind is Kind.WAIT else None
        return Step(name, name, kind, HERE, Options(wait=wait))
    asks = draw(_often("", " colour"))
    check = draw(_often(None, Script("check"), Script("check", every=1.0, timeout=5.0)))
    rollback = draw(_often(None, Script("rollback")))
    script = Script(f"run {name}{asks}")
    return Step(name, name, kind, HERE, draw(options()), script, check, rollback)


@st.composite
def runbooks(draw: st.DrawFn) -> Runbook:
    """Draw a document: steps, and sections that may roll."""
    children: list[Step | Section] = []
    for number in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            children.append(draw(steps(f"s{number}")))
            continue
        inside = tuple(draw(steps(f"s{number}{letter}")) for letter in "ab")
        rolling = draw(
            st.one_of(st.none(), st.just(Options(batch=("1",), between=draw(_often("ask", "go")))))
        )
        children.append(Section(f"section{number}", "Section", HERE, inside, rolling))
    if draw(_often(False, True)):
        options = Options(hosts="all", read_only=True)
        children.append(Step("test", "Test", Kind.RUN, HERE, options, Script("look"), test=True))
    looks = Step("load", "load", Kind.RUN, HERE, Options(hosts="all", read_only=True), Script("load"))
    monitors = draw(_often((), (Monitor(looks, limits=Limits(warn_above=3, alarm_above=6)),)))
    ours, radius = draw(_often(True, False)), draw(_often(None, 1, 2))
    return Runbook(
        "Random", ours, path="random.md", children=tuple(children), blast_radius=radius, monitors=monitors
    )


def planned(runbook: Runbook, hosts: int, pace: str) -> Plan:
    """Make a runbook's plan, as it is read back from a run directory."""
    names = tuple(f"h{number}" for number in range(hosts))
    inventory = Inventory({name: Host(name) for name in names}, {"all": names})
    inputs = (PlannedInput("colour", None, reached=True),)
    return Plan.parse(build(runbook, inventory, inputs, pace).dump())


class Runs(RuleBasedStateMachine):
    """One random run."""

    world: World
    hosts = 0
    pace = ""

    @initialize(
        runbook=runbooks(),
        hosts=st.integers(1, 4),
        pace=st.sampled_from(("step", "flow")),
        ahead=_often(False, True),
        reach=st.booleans(),
    )
    def begin(self, runbook: Runbook, hosts: int, pace: str, ahead: bool, reach: bool) -> None:
        """Begin a run, or ask whether to; then it may be that all hosts have to be within reach."""
        self.hosts, self.pace, self.runbook = hosts, pace, runbook
        self.world = World(replace(planned(runbook, hosts, pace), preflight=ahead), reach=reach)

    def _waits(self) -> bool:
        return self.world.state.result is None and self.world.waits()

    @precondition(lambda self: self.world.state.result is None and self.world.job is None)
    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        """Let the runner move until a person or a host has to."""
        for _ in range(MOVES):
            if self.world.job or self.world.state.result or self.world.waits():
                return
            self.world.move(lambda options: data.draw(st.sampled_from(options)))
        raise AssertionError("it moves, and gets nowhere")

    @precondition(lambda self: self.world.job is not None)
    @rule(data=st.data(), often=st.integers(1, 6))
    def hear(self, data: st.DataObject, often: int) -> None:
        """Hosts begin, end, fail, are lost."""
        for _ in range(often):
            if self.world.job is not None:
                self.world.hear(lambda options: data.draw(st.sampled_from(options)))

    @precondition(lambda self: self.world.job is not None)
    @rule()
    def cancel(self) -> None:
        """The operator ends what is out."""
        self.world.cancel()

    @precondition(_waits)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        """The operator answers, about all hosts or some."""
        gate = self.world.state.gate
        assert gate is not None
        about = gate.meant(self.world.state.turns[gate.turn])
        hosts = None
        if gate.at is At.FAILURE and data.draw(_often(False, True)):
            hosts = data.draw(st.lists(st.sampled_from(about), min_size=1, unique=True))
        self.world.answer(data.draw(st.sampled_from(gate.choices)), hosts)

    @precondition(lambda self: self._waits() and self.world.state.gate.at is At.APPROVE)
    @rule()
    def approve(self) -> None:
        """Somebody signs."""
        self.world.approve()

    @precondition(lambda self: self._waits() and self.world.state.gate.until is not None)
    @rule()
    def pass_time(self) -> None:
        """A wait ends, or signatures expire."""
        self.world.pass_time()

    @precondition(_waits)
    @rule(data=st.data(), how=st.sampled_from(("forward", "again", "rollback")))
    def jump(self, data: st.DataObject, how: str) -> None:
        """The operator leaves the document's order."""
        self.world.act("jump", to=self._step(data).id, how=how, reason="why")

    @precondition(lambda self: self._waits() and self.world.state.left_out)
    @rule(data=st.data())
    def pick_up(self, data: st.DataObject) -> None:
        """Hosts that were left out come back."""
        names = st.sampled_from(sorted(self.world.state.left_out))
        assert self.world.act("pick-up", hosts=data.draw(st.lists(names, min_size=1, unique=True)))

    @precondition(_waits)
    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        """The operator writes another command."""
        step = self._step(data)
        self.world.act("edit", step=step.id, script=f"other {len(self.world.lines)}", reason="why")

    @precondition(_waits)
    @rule(runbook=runbooks(), data=st.data())
    def revise(self, runbook: Runbook, data: st.DataObject) -> None:
        """The runbook is edited: some of its children are others now."""
        pairs = zip(self.runbook.children, runbook.children, strict=False)
        mixed = [data.draw(st.sampled_from(pair)) for pair in pairs]
        self.runbook = replace(self.runbook, children=tuple(mixed))
        self._take_edited()

    @precondition(_waits)
    @rule()
    def reword(self) -> None:
        """The runbook is edited, and no step changes."""
        self._take_edited()

    @precondition(_waits)
    @rule()
    def test(self) -> None:
        """The operator runs the tests."""
        gate = self.world.state.gate
        assert gate is not None
        may = bool(self.world.state.plan.tests) and gate.at is not At.START
        assert self.world.act("test") is may

    @precondition(lambda self: self._waits() and self.world.state.rounds)
    @rule(data=st.data())
    def baseline(self, data: st.DataObject) -> None:
        """The operator chooses what to compare with."""
        one = data.draw(st.sampled_from(self.world.state.rounds))
        assert self.world.act("baseline", number=one.number) is one.complete

    @precondition(lambda self: self.world.state.result is None)
    @rule(value=st.one_of(st.none(), st.integers(0, 9)))
    def sample(self, value: int | None) -> None:
        """Monitors look."""
        self.world.sample(value)

    @precondition(lambda self: self.world.state.result is None)
    @rule(often=st.integers(1, 12))
    def all_is_well(self, often: int) -> None:
        """For a while all goes as it should."""
        for _ in range(often):
            one_step_home(self.world)

    @precondition(lambda self: self.world.state.result is None and '"run.resume"' not in self.world.lines[-1])
    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        """The run's process dies, and what was not on disk is lost."""
        self.world.crash(data.draw(st.integers(self.world.synced, len(self.world.lines))))

    @precondition(lambda self: self.world.state.result or len(self.world.lines) not in self.world.looks)
    @rule()
    def look(self) -> None:
        """Somebody looks on."""
        self.world.look()

    def _take_edited(self) -> None:
        self.world.revise(revised(self.world.state.plan, planned(self.runbook, self.hosts, self.pace)))

    def _step(self, data: st.DataObject) -> Step:
        plan = self.world.state.plan
        return data.draw(st.sampled_from(plan.steps[plan.first :])).step

    def teardown(self) -> None:
        """From anywhere, a run that nobody hinders ends; and what was seen is what is read."""
        if hasattr(self, "world"):
            go_home(self.world)
            assert self.world.fold() == self.world.state
            for count, seen in self.world.looks.items():
                assert self.world.fold(count) == seen
            self.world.oracle.over(self.world.state)


def go_home(world: World) -> None:
    """Have all go well until the run ends; fail when it never does."""
    for _ in range(MOVES):
        if world.state.result is not None:
            return
        one_step_home(world)
    raise AssertionError("the run never ends")


def one_step_home(world: World) -> None:
    """Answer so that the run goes on, with hosts that all do well."""
    if world.job is not None:
        world.hear(_well)
    elif world.state.result is None and world.waits():
        _helpful(world)
    elif world.state.result is None:
        world.move(_well)


def _well(choices: Any) -> Any:
    return choices[0]


def _helpful(world: World) -> None:
    gate = world.state.gate
    assert gate is not None
    if gate.at is At.APPROVE:
        for _ in range(gate.evidence["approvers"]):
            world.approve()
    good: tuple[Answer, ...] = (Answer.GO, Answer.RETRY_FAILED, Answer.LEAVE_OUT, Answer.SKIP)
    if gate.at is At.START:
        good = (Answer.GO, Answer.REACH)
    answer = next(one for one in good if one in gate.choices)
    refused = world.answer(answer)
    assert not refused, refused


TestRuns = Runs.TestCase
TestRuns.settings = settings(
    max_examples=3000 if LONG else 60,
    stateful_step_count=60 if LONG else 25,
    suppress_health_check=list(HealthCheck),
)
