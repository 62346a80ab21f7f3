"""Who can be reached, found out before a run's first go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from gonogo.errors import RunError
from gonogo.format.model import Kind
from gonogo.report.events import event_text
from gonogo.report.summary import When
from gonogo.run.conductor import Conductor
from gonogo.run.plan import Plan
from gonogo.run.ports import Ended, Exit, Held, Job, Sink, Target
from gonogo.run.state import At, HostState, RunState
from gonogo.trail.reader import read_all
from gonogo.trail.writer import TrailWriter
from tests.run.plans import plan_of, step
from tests.run.unattended import Unattended


class Doors(Unattended):
    """An executor whose hosts are open, shut for a reason, or never answer (None)."""

    def __init__(self) -> None:
        self.shut: dict[str, str | None] = {}
        self.ran: list[str] = []
        self.out = asyncio.Event()

    async def run(self, job: Job, sink: Sink) -> None:
        """Have every host answer, one after the other."""
        for at, target in enumerate(job.targets):
            why = self.shut.get(target.name, "")
            if why is None:
                self.out.set()
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    for late in job.targets[at:]:
                        sink.exited(late.name, Exit(Ended.CANCELLED))
                    raise
            elif why:
                sink.exited(target.name, Exit(Ended.UNREACHABLE, reason=why))
            else:
                await self._open(target, job, sink)

    async def _open(self, target: Target, job: Job, sink: Sink) -> None:
        try:
            await sink.starting(target.name)
        except Held as held:
            sink.exited(target.name, Exit(Ended.HELD, reason=str(held)))
        else:
            self.ran.append(f"{target.name}: {job.script}")
            sink.exited(target.name, Exit(Ended.EXIT, 0))


class Stage:
    """A run that asks whether to begin."""

    def __init__(self, run: Path, plan: Plan, *, reach: bool) -> None:
        run.mkdir()
        self.run, self.doors = run, Doors()
        self.state = RunState.of(replace(plan, preflight=True))
        trail = TrailWriter.create(run)
        self.conductor = Conductor(run, self.state, trail, lambda name: self.doors, {})
        self.conductor.record("run.start", v=1, run=run.name, by="me", reach=reach)
        self.driving = asyncio.create_task(self.conductor.drive())

    async def asked(self) -> list[str]:
        """Wait for the next question; return its choices."""
        while self.state.gate is None:
            await asyncio.sleep(0)
            if self.driving.done():
                await self.driving
        return [one.value for one in self.state.gate.choices]

    async def say(self, answer: str, reason: str = "") -> None:
        """Answer it."""
        assert self.state.gate is not None
        await self.conductor.answer(self.state.gate.number, answer, "me", reason)


@pytest.fixture
async def stage(tmp_path: Path) -> Callable[..., Stage]:
    """Return what sets a stage of three hosts."""

    def make(*, reach: bool = False) -> Stage:
        plan = plan_of(step("one", hosts="all"), step("two", hosts="h2"), hosts=3)
        second = replace(plan.steps[1], hosts=("h2",), batches=(("h2",),))
        turns = (plan.turns[0], replace(plan.turns[1], hosts=("h2",)))
        return Stage(tmp_path / "run", replace(plan, steps=(plan.steps[0], second), turns=turns), reach=reach)

    return make


async def test_it_is_found_out_when_asked_for(stage: Callable[..., Stage]) -> None:
    """The reasons are known, nothing ran, and the way on without those hosts is offered."""
    one = stage()
    assert await one.asked() == ["go", "no-go", "reach"]
    one.doors.shut = {"h1": "connection refused", "h2": "timed out"}
    await one.say("reach")
    assert await one.asked() == ["leave-out", "go", "no-go", "reach"]
    assert one.state.reaches == {"h0": "", "h1": "connection refused", "h2": "timed out"}
    assert one.state.gate is not None
    assert one.state.gate.question.startswith("2 of 3 hosts cannot be reached.")
    assert one.doors.ran == []
    await one.say("no-go", "too many")
    await one.driving


async def test_the_run_goes_without_them(stage: Callable[..., Stage]) -> None:
    """They are left out with the reason, as a deviation; a step that has none left is passed over."""
    one = stage()
    await one.asked()
    one.doors.shut = {"h2": "timed out"}
    await one.say("reach")
    await one.asked()
    with pytest.raises(RunError, match="reason"):
        await one.say("leave-out")
    await one.say("leave-out", "rack 3 is off")
    assert await one.asked() == ["go", "no-go", "reach"]
    await one.say("go")
    await one.asked()
    await one.say("go")
    assert await one.asked() == ["go"]
    assert one.state.gate is not None
    assert one.state.gate.at is At.END
    await one.say("go")
    await one.driving
    assert one.doors.ran == ["h0: run one", "h1: run one"]
    assert [turn.result for turn in one.state.turns] == ["ok", "left-out"]
    assert one.state.turns[0].hosts["h2"].state is HostState.LEFT_OUT
    (said,) = [record for record in read_all(one.run / "audit.jsonl")[0] if record["k"] == "deviation"]
    assert (said["what"], said["step"], said["hosts"]) == ("leave-out", "start", ["h2"])
    assert said["reason"] == "rack 3 is off"


async def test_all_have_to_be_reached(stage: Callable[..., Stage]) -> None:
    """Where that was said, it is looked at first, and there is no go as long as one cannot be."""
    one = stage(reach=True)
    one.doors.shut = {"h0": "connection refused"}
    assert await one.asked() == ["leave-out", "no-go", "reach"]
    one.doors.shut = {}
    await one.say("reach")
    assert await one.asked() == ["go", "no-go", "reach"]
    assert one.state.unreached() == []
    await one.say("no-go", "enough")
    await one.driving


async def test_a_check_is_ended(stage: Callable[..., Stage]) -> None:
    """What was heard by then is known; where all have to be reached there is no go yet."""
    one = stage(reach=True)
    one.doors.shut = {"h1": None}
    await one.doors.out.wait()
    one.conductor.cancel()
    assert await one.asked() == ["no-go", "reach"]
    assert one.state.reaches == {"h0": ""}
    await one.say("no-go", "later")
    await one.driving


async def test_one_host_is_left_at_least(stage: Callable[..., Stage]) -> None:
    """Nobody goes without all hosts."""
    one = stage()
    await one.asked()
    one.doors.shut = dict.fromkeys(("h0", "h1", "h2"), "no route to host")
    await one.say("reach")
    await one.asked()
    with pytest.raises(RunError, match="no host would be left"):
        await one.say("leave-out", "why not")
    await one.say("no-go", "all are away")
    await one.driving


async def test_who_reads_the_trail_knows_it_too(stage: Callable[..., Stage]) -> None:
    """The fold of the trail is what the run knew."""
    one = stage()
    await one.asked()
    one.doors.shut = {"h1": "host key changed: SHA256:x"}
    await one.say("reach")
    await one.asked()
    again = RunState.of(one.state.plan)
    for record in read_all(one.run / "audit.jsonl")[0]:
        again.apply(record)
    assert (again.reached, again.reaches) == (one.state.reached, one.state.reaches)
    told = event_text(again, {"k": "reach.end"}, When(0, "2026-11-20T16:00:00.000000Z")).text
    assert told == "2 of 3 hosts could be reached; not h1"
    await one.say("no-go", "so it is")
    await one.driving


async def test_nothing_to_log_in_to(tmp_path: Path) -> None:
    """A run that reaches no host does not offer it."""
    plan = plan_of(step("ask", kind=Kind.CONFIRM))
    one = Stage(tmp_path / "run", plan, reach=True)
    assert await one.asked() == ["go", "no-go"]
    await one.say("no-go", "that is all")
    await one.driving
