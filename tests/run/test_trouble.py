"""Trouble that is nobody's fault on the hosts: clocks, full disks, executors and records that are wrong."""

from __future__ import annotations

import asyncio
import errno
from datetime import datetime, timedelta, tzinfo
from typing import Any, Self

import pytest

from gonogo.errors import ExecutorError, TrailError
from gonogo.executors.local import LocalExecutor
from gonogo.run.client import new_state
from gonogo.run.ports import Ended, Exit, Job, Sink, Stream, Terminal
from gonogo.run.state import Answer, At, RunState
from gonogo.trail import output
from tests.run.live import PATIENCE, Live
from tests.run.plans import plan_of, step
from tests.run.test_terminal import nothing

ONE = "  - {id: one, hosts: web, via: local, run: 'echo \"$me\"'}\n"


class Later(datetime):
    """A clock that is set two hours ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) + timedelta(hours=2)


async def test_a_moment_is_waited_for_by_the_wall_clock(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set ahead, past the moment that the runbook names, the wall clock ends the wait."""
    monkeypatch.setattr("gonogo.run.conductor.CLOCK_CHECK", 0.01)
    soon = (datetime.now().astimezone() + timedelta(hours=1)).isoformat(timespec="seconds")
    await live.begin(f"  - {{id: one, at: '{soon}', read-only: true, run: 'true'}}\n")
    gate = await live.gate(At.WAIT)
    assert gate.evidence["at"] == soon
    assert gate.until is not None
    assert 3_500e9 < gate.until - gate.asked < 3_601e9
    monkeypatch.setattr("gonogo.run.asking.datetime", Later)
    await live.until(lambda state: state.result)
    assert live.state.decisions[0].by == "clock"
    assert [one["gate"] for one in live.records("gate.until")] == [gate.number]


class Wrong(LocalExecutor):
    """An executor of somebody else's that does not keep its word."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self._how = how

    async def run(self, job: Job, sink: Sink) -> None:
        """Be wrong in one way."""
        if self._how == "cannot begin":
            raise ExecutorError("there is no such program", "Install it.")
        await sink.starting("a")
        sink.output("a", Stream.OUT, b"something")
        if self._how == "raises":
            raise ZeroDivisionError
        sink.exited("b", Exit(Ended.EXIT, 0))
        if self._how == "says it twice":
            sink.exited("b", Exit(Ended.EXIT, 1))
            sink.output("b", Stream.OUT, b"late")
            sink.exited("z", Exit(Ended.EXIT, 0))


@pytest.mark.parametrize(
    ("how", "states"),
    [
        ("raises", {"a": "lost", "b": "unreachable", "c": "unreachable"}),
        ("forgets", {"a": "lost", "b": "ok", "c": "unreachable"}),
        ("says it twice", {"a": "lost", "b": "ok", "c": "unreachable"}),
        ("cannot begin", dict.fromkeys("abc", "unreachable")),
    ],
)
async def test_an_executor_that_is_wrong_is_not_believed(
    live: Live, how: str, states: dict[str, str]
) -> None:
    """A host that it did not speak of is never done: lost if its command may have begun, else unreachable."""
    live.executor_for = lambda name: Wrong(how)
    await live.begin(ONE)
    await live.gate(At.FAILURE)
    assert live.hosts("one") == states


async def test_an_executor_without_a_terminal_is_said(live: Live) -> None:
    """An interactive step on an executor that knows no terminals runs nowhere, and the run asks."""

    class Old(LocalExecutor):
        async def terminal(self, job: Job) -> Terminal:
            raise AttributeError("terminal")

    live.executor_for = lambda name: Old()
    await live.begin("  - {id: one, hosts: web, via: local, interactive: true, run: date}\n")
    live.link = await live.connect("ann@desk", take=True, lend=nothing)
    await live.gate(At.FAILURE)
    assert live.hosts("one") == {"a": "unreachable", "b": "pending", "c": "pending"}


async def test_an_executor_that_is_missing_touches_nothing(live: Live) -> None:
    """A `via` that is not installed is said on each host, and the run asks."""
    await live.begin("  - {id: one, hosts: web, via: salt, run: date}\n")
    await live.gate(At.FAILURE)
    assert {one["why"] for one in live.records("host.exit")} == {"there is no executor 'salt'"}


async def test_output_that_cannot_be_kept_ends_the_command(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No room for what a host prints: its command is ended, and the run asks and stays whole."""
    real = output.OutputWriter.write

    def full(self: output.OutputWriter, at: int, host: str, stream: str, data: bytes) -> None:
        if host == "b":
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self, at, host, stream, data)

    monkeypatch.setattr(output.OutputWriter, "write", full)
    await live.begin(
        "  - {id: one, hosts: web, via: local, run: 'test $me != b || echo x; touch up.$me; sleep 600'}\n"
    )
    await live.gate(At.FAILURE)
    assert set(live.hosts("one").values()) == {"cancelled"}
    why = {one["host"]: one["why"] for one in live.records("host.exit")}
    assert "cannot be kept: No space left on device" in why["b"]


RECORDS: list[dict[str, Any]] = [
    {"k": "gate.ask"},
    {"k": "gate.ask", "gate": 1, "at": "nowhere", "turn": 0, "choices": [], "question": ""},
    {"k": "host.start", "turn": 7, "hosts": ["h0"]},
    {"k": "host.exit", "turn": 0, "host": "nobody", "state": "ok"},
    {"k": "host.exit", "turn": 0, "host": "h0", "state": "fine"},
    {"k": "step.plan", "turn": [], "phase": "run", "attempt": 1},
    {"k": "jump", "turns": None},
    {"k": "run.start", "run": "x"},
]


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_of_another_run_is_refused(record: dict[str, Any]) -> None:
    """A record that does not fit the plan is one clear error that names it."""
    state = RunState.of(plan_of(step("one")))
    with pytest.raises(TrailError, match=r"record 5 \(.*\) does not fit this run's plan"):
        state.apply({"n": 5, "t": "2026-01-01T00:00:00.000000Z", "m": 1, **record})


async def test_any_part_of_a_trail_folds_alike(live: Live) -> None:
    """Folding the trail again gives the state that the screen had, whatever happened."""
    await live.begin(ONE + "  - {id: two, hosts: web, via: local, run: 'test $me = a'}\n")
    await live.say(Answer.LEAVE_OUT)
    await live.gate(At.END)
    await live.link.note("well")
    again = new_state(live.run)
    async with asyncio.timeout(PATIENCE):
        while not live.records("note"):
            await asyncio.sleep(0.01)
    import json

    for line in (live.run / "audit.jsonl").read_bytes().splitlines():
        again.apply(json.loads(line))
    assert again == live.state
