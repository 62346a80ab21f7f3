"""The conductor: moves made real, each on disk before it has an effect."""

from __future__ import annotations

import asyncio
import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gonogo.errors import RunError, TrailError
from gonogo.format.model import Step
from gonogo.run.conductor import Conductor
from gonogo.run.plan import Plan
from gonogo.run.ports import Ended, Exit, Job, Sink, Stream
from gonogo.run.state import At, HostState, RunState
from gonogo.trail import writer as writer_module
from gonogo.trail.output import output_path, read_host
from gonogo.trail.reader import Verdict, read_all
from gonogo.trail.writer import TrailWriter
from tests.run.plans import plan_of, step
from tests.run.unattended import Unattended


class Scripted(Unattended):
    """An executor whose hosts answer from a function; it looks at the trail before each command."""

    def __init__(self, trail: Path, play: Callable[[str, Job], tuple[bytes, int]]) -> None:
        self.executed: list[tuple[str, str]] = []
        self.on_disk: list[bool] = []
        self.values: dict[str, dict[str, str]] = {}
        self._trail, self._play = trail, play

    async def run(self, job: Job, sink: Sink) -> None:
        """Run on all hosts at once."""
        await asyncio.gather(
            *(self._one(target.name, dict(target.values), job, sink) for target in job.targets)
        )

    async def _one(self, host: str, values: dict[str, str], job: Job, sink: Sink) -> None:
        await sink.starting(host)
        records = [json.loads(line) for line in self._trail.read_bytes().splitlines()]
        self.on_disk.append(any(r["k"] == "host.start" and host in r["hosts"] for r in records))
        self.executed.append((host, job.script))
        self.values[host] = values
        output, code = self._play(host, job)
        sink.output(host, Stream.OUT, output)
        sink.exited(host, Exit(Ended.EXIT, code))


class Stage:
    """A run directory, a conductor over it, and a scripted executor."""

    def __init__(
        self, run: Path, plan: Plan, play: Callable[[str, Job], tuple[bytes, int]], secrets: dict[str, str]
    ) -> None:
        run.mkdir()
        self.run = run
        self.state = RunState.of(plan)
        self.trail = TrailWriter.create(run)
        self.executor = Scripted(self.trail.path, play)
        self.conductor = Conductor(run, self.state, self.trail, lambda name: self.executor, secrets)
        self.conductor.record("run.start", v=1, run=run.name, by="me")

    async def drive(self, *answers: tuple[str, str]) -> None:
        """Drive to the end, answering each gate as it is asked."""
        work = asyncio.create_task(self.conductor.drive())
        for answer, reason in answers:
            while self.state.gate is None and not work.done():
                await asyncio.sleep(0)
            if work.done():
                break
            assert self.state.gate is not None
            await self.conductor.answer(self.state.gate.number, answer, "me", reason)
        await work
        await self.trail.close()


@pytest.fixture
def stage(tmp_path: Path) -> Callable[..., Stage]:
    """Make a stage for steps."""

    def make(
        *steps: Step, play: object = None, secrets: dict[str, str] | None = None, **options: object
    ) -> Stage:
        answer = play or (lambda host, job: (b"fine\n", 0))
        return Stage(tmp_path / "run", plan_of(*steps, **options), answer, secrets or {})  # type: ignore[arg-type]

    return make


async def test_a_command_starts_only_once_its_record_is_on_disk(stage: Callable[..., Stage]) -> None:
    """When a host's command starts, its host.start and the answer before it are in the file."""
    world = stage(step("stop"), hosts=20)
    await world.drive(("go", ""))
    assert len(world.executor.executed) == 20
    assert all(world.executor.on_disk)
    records, reading = read_all(world.trail.path)
    assert reading.verdict is Verdict.COMPLETE
    kinds = [record["k"] for record in records]
    assert kinds.index("gate.answer") < kinds.index("step.plan") < kinds.index("host.start")
    assert kinds.count("host.start") == 1


async def test_no_command_starts_when_the_trail_cannot_be_written(
    stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a full disk from the answer on, no host is touched and the error says so."""
    world = stage(step("stop"))
    real = writer_module._write

    def full(descriptor: int, data: bytes) -> None:
        if b'"gate.answer"' in data:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor, data)

    monkeypatch.setattr(writer_module, "_write", full)
    work = asyncio.create_task(world.conductor.drive())
    while world.state.gate is None:
        await asyncio.sleep(0)
    with pytest.raises(TrailError, match="No space left"):
        await world.conductor.answer(1, "go", "me")
    world.conductor.stop()
    with pytest.raises(TrailError):
        await work
    assert world.executor.executed == []


async def test_output_and_exit_are_kept_per_host(stage: Callable[..., Stage]) -> None:
    """Each host's bytes are in the attempt's file, and hosts with equal output share a digest."""
    world = stage(
        step("look", read_only=True),
        play=lambda host, job: (b"odd\n" if host == "h3" else b"[ OK ] same\n", 0),
    )
    await world.drive()
    hosts = world.state.turns[0].hosts
    assert read_host(output_path(world.run, 0, 1), "h3") == b"odd\n"
    assert hosts["h0"].output == hosts["h1"].output != hosts["h3"].output
    assert hosts["h0"].excerpt == "[ OK ] same"


async def test_an_excerpt_that_has_not_all_says_so(stage: Callable[..., Stage]) -> None:
    """It ends with a mark, and all lines are counted, one without an end too; blank space is no more."""
    long = "".join(f"{number}\n" for number in range(1000)).encode()
    said = {"h0": long, "h1": long + b"no end", "h2": b"x" * 500 + b"\n\n", "h3": b""}
    world = stage(step("look", read_only=True), play=lambda host, job: (said[host], 0))
    await world.drive()
    hosts = world.state.turns[0].hosts
    assert hosts["h0"].excerpt == f"{long[:500].decode()}…"
    assert [hosts[name].lines for name in said] == [1000, 1001, 0, 0]
    assert hosts["h2"].excerpt == "x" * 500


async def test_an_excerpt_ends_with_a_whole_character(stage: Callable[..., Stage]) -> None:
    """Half of one would be told as bytes that are no UTF-8; such bytes themselves are told."""
    said = {"h0": b"x" + "ä".encode() * 500, "h1": b"x" * 499 + b"\xff\n" * 2, "h2": b"\xc3", "h3": b""}
    world = stage(step("look", read_only=True), play=lambda host, job: (said[host], 0))
    await world.drive()
    told = [host.excerpt for host in world.state.turns[0].hosts.values()]
    assert told == ["x" + "ä" * 249 + "…", "x" * 499 + "\\xff…", "\\xc3", ""]


async def test_a_capture_reaches_later_steps_and_same_as(stage: Callable[..., Stage]) -> None:
    """A captured value is in the next step's environment, and same-as names what differs."""
    outputs = {"run before": b"a\nb\n", "run after": b"a\nc\n", "run use": b""}
    world = stage(
        step("before", read_only=True, capture="LIST"),
        step("use", read_only=True),
        step("after", read_only=True, same_as="LIST"),
        play=lambda host, job: (outputs[job.script], 0),
        hosts=1,
    )
    await world.drive(("abort", "it differs"))
    assert world.executor.values["h0"]["LIST"] == "a\nb"
    why = world.state.turns[2].hosts["h0"].why
    assert "-b" in why
    assert "+c" in why
    assert world.state.result == "aborted"


async def test_expectations_and_exit_maps_judge(stage: Callable[..., Stage]) -> None:
    """Exit 0 is not enough where the output must match; a mapped code can be a warning."""
    from gonogo.format.model import Verdict as Judged

    codes = {"h0": (b"0 / 0\n", 0), "h1": (b"12 / 12\n", 0), "h2": (b"12 / 12\n", 1)}
    world = stage(
        step("migrate", read_only=True, expect=r"^[1-9]\d* / ", exit_map=((0, Judged.OK), (1, Judged.WARN))),
        play=lambda host, job: codes[host],
        hosts=3,
    )
    await world.drive(("leave-out", "looked at by hand"), ("go", ""))
    states = {name: host.state for name, host in world.state.turns[0].hosts.items()}
    assert states == {"h0": HostState.LEFT_OUT, "h1": HostState.OK, "h2": HostState.WARN}
    assert world.state.deviations[0]["hosts"] == ["h0"]


async def test_secrets_are_in_no_file(stage: Callable[..., Stage]) -> None:
    """A secret reaches the command, and neither the trail nor the output holds it."""
    world = stage(
        step("login", read_only=True),
        play=lambda host, job: (b"password is hunter2-hunter2!\n", 1),
        secrets={"password": "hunter2-hunter2"},
    )
    await world.drive(("abort", "x"))
    assert world.executor.values["h0"]["password"] == "hunter2-hunter2"
    held = b"".join(path.read_bytes() for path in world.run.rglob("*") if path.is_file())
    assert b"hunter2" not in held
    assert b"[secret]" in held


async def test_a_wait_answers_itself(stage: Callable[..., Stage]) -> None:
    """A wait's gate is answered by the clock when its time is over."""
    from gonogo.format.model import Kind

    world = stage(step("settle", kind=Kind.WAIT, wait=0.01))
    await world.drive()
    assert world.state.result == "go"
    assert world.state.decisions[0].gate.at is At.WAIT
    assert world.state.decisions[0].by == "clock"


async def test_a_refused_answer_changes_nothing(stage: Callable[..., Stage]) -> None:
    """An answer that is no choice is refused, and the gate stays open."""
    world = stage(step("stop"))
    work = asyncio.create_task(world.conductor.drive())
    while world.state.gate is None:
        await asyncio.sleep(0)
    for answer in ("retry-all", "sudo", "no-go"):
        with pytest.raises(RunError):
            await world.conductor.answer(1, answer, "me")
    assert world.state.gate is not None
    world.conductor.stop()
    await work
    await world.trail.close()
    assert world.executor.executed == []
    assert read_all(world.trail.path)[0][-1]["k"] == "run.pause"
