"""Power cuts: every state that a disk may be left in by a run's writes, read and gone on with."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gonogo.format.model import Step
from gonogo.run.client import LiveLink
from gonogo.run.ports import Ended, Exit, Job, Sink, Stream
from gonogo.run.process import Order, conduct
from gonogo.run.state import Answer
from gonogo.trail.clock import RunClock
from gonogo.trail.reader import Verdict, read_all
from gonogo.trail.rundir import create_run
from gonogo.trail.writer import TrailWriter
from tests.run.plans import plan_of, step
from tests.torture.ground import times
from tests.trail.runs import Echo

PAGE = 4096
HOSTS = 60


class Hosts(Echo):
    """An executor whose hosts all start at once, print their name and are done."""

    async def run(self, job: Job, sink: Sink) -> None:
        """Run on all hosts at once."""

        async def one(host: str) -> None:
            await sink.starting(host)
            sink.output(host, Stream.OUT, f"{host} is fine\n".encode())
            sink.exited(host, Exit(Ended.EXIT, 0))

        await asyncio.gather(*(one(target.name) for target in job.targets))


@dataclass(slots=True)
class Tape:
    """What the system was asked to do with the trail: bytes to append, and syncs (None)."""

    calls: list[bytes | None]

    def intervals(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield, for each sync, what was durable before it and what was written and not yet durable."""
        durable, tail = b"", b""
        for call in self.calls:
            if call is not None:
                tail += call
            elif tail:
                yield durable, tail
                durable, tail = durable + tail, b""
        assert not tail, "the last record was never synced"


async def _answering(run: Path) -> None:
    link = await LiveLink.connect(run, "me@here")
    answered = 0
    async for _ in link.changes():
        if link.state.result is not None:
            break
        gate = link.state.gate
        if gate is not None and gate.number != answered:
            answered = gate.number
            await link.answer(gate.number, Answer.GO)
    await link.close()


@pytest.fixture
async def tape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tape:
    """A whole run of the real process over sixty hosts, with its system calls on the trail taken down."""
    (tmp_path / "sockets").mkdir(mode=0o700)
    monkeypatch.setenv("GONOGO_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "sockets"))
    steps: list[Step] = [
        step("stop"),
        step("up", batch=("1", "50%"), check=True),
        step("look", read_only=True),
    ]
    run = create_run("Power", plan_of(*steps, hosts=HOSTS).dump(), ())
    taken = Tape([])
    write, sync = os.write, os.fdatasync

    def is_trail(descriptor: int) -> bool:
        return os.readlink(f"/proc/self/fd/{descriptor}") == str(run / "audit.jsonl")

    def writing(descriptor: int, data: bytes) -> int:
        count = write(descriptor, data)
        if is_trail(descriptor):
            taken.calls.append(bytes(data[:count]))
        return count

    def syncing(descriptor: int) -> None:
        sync(descriptor)
        if is_trail(descriptor):
            taken.calls.append(None)

    monkeypatch.setattr(os, "write", writing)
    monkeypatch.setattr(os, "fdatasync", syncing)
    ready = asyncio.Event()
    order = Order("me@here", start={"title": "Power", "hosts": HOSTS})
    work = asyncio.create_task(conduct(run, order, lambda name: Hosts(), ready.set))
    await asyncio.wait({work, asyncio.create_task(ready.wait())}, return_when=asyncio.FIRST_COMPLETED)
    await _answering(run)
    await work
    monkeypatch.undo()
    assert b"".join(call for call in taken.calls if call) == (run / "audit.jsonl").read_bytes()
    return taken


def _cuts(tail: bytes, chance: random.Random) -> list[int]:
    """Return where to cut: round every line's end, at sectors, and anywhere."""
    ends = [at + 1 for at, byte in enumerate(tail) if byte == 10]
    near = {end + by for end in ends for by in (-2, -1, 0, 1, 74)} | set(range(0, len(tail), 512))
    near |= {chance.randrange(len(tail)) for _ in range(8)} | {0, 1, len(tail)}
    return sorted(cut for cut in near if 0 <= cut <= len(tail))


def _pages(durable: bytes, tail: bytes, chance: random.Random) -> Iterator[bytes]:
    """Yield the tail with some of its pages never written (zeros): each one, and any mix of them."""
    begin = len(durable)
    edges = [0, *range(PAGE - begin % PAGE, len(tail), PAGE), len(tail)]
    spans = list(itertools.pairwise(edges))
    mixes: list[set[int]] = [{lost} for lost in range(len(spans))]
    mixes += [{lost for lost in range(len(spans)) if chance.random() < 0.5} for _ in range(12)]
    for lost in mixes:
        pieces = [
            bytes(end - start) if number in lost else tail[start:end]
            for number, (start, end) in enumerate(spans)
        ]
        yield b"".join(pieces)


def states(durable: bytes, tail: bytes, chance: random.Random) -> Iterator[bytes]:
    """Yield what the file may hold when the power goes before the tail's sync."""
    for cut in _cuts(tail, chance):
        yield durable + tail[:cut]
        yield durable + tail[:cut] + bytes(len(tail) - cut)
        page = -(len(durable) + cut) % PAGE
        yield durable + tail[:cut] + bytes(page)
    for pages in _pages(durable, tail, chance):
        yield durable + pages
        # The file's size may be late by some bytes too.
        yield durable + pages[: chance.randrange(len(pages) + 1)]


async def _check(path: Path, durable: bytes, state: bytes, whole: bytes) -> Verdict:
    path.unlink(missing_ok=True)
    path.write_bytes(state)
    records, reading = read_all(path)
    held = state[: reading.offset]
    assert whole.startswith(held), "a record that was never written was believed"
    assert len(held) >= len(durable), f"what was synced is lost: {reading.verdict}: {reading.why}"
    if not durable and not records:
        assert reading.verdict is Verdict.EMPTY, f"{reading.verdict}: {reading.why}"
        return reading.verdict
    assert reading.verdict in (Verdict.OPEN, Verdict.TORN, Verdict.COMPLETE), reading.why
    assert (reading.verdict is Verdict.COMPLETE) == (
        records[-1]["k"] == "run.end" and len(held) == len(state)
    )
    if reading.verdict is Verdict.COMPLETE:
        return reading.verdict
    trail = TrailWriter.reopen(reading, RunClock(records[-1]["m"]))
    trail.add("note", text="after the cut")
    await trail.commit()
    await trail.close()
    again, after = read_all(path)
    ended = any(record["k"] == "run.end" for record in records)
    assert after.verdict is (Verdict.COMPLETE if ended else Verdict.OPEN), after.why
    assert again[:-1] == records
    assert again[-1]["text"] == "after the cut"
    return reading.verdict


async def test_no_power_cut_loses_what_was_acknowledged(
    tape: Tape, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Any cut, zeros or pages out of order behind the last sync: the synced part is read, and goes on."""
    chance = random.Random(4)
    found = [
        (durable, state)
        for durable, tail in tape.intervals()
        for state in dict.fromkeys(states(durable, tail, chance))
    ]
    whole = b"".join(call for call in tape.calls if call)
    wanted = min(times(300, 6000), len(found))
    verdicts: dict[Verdict, int] = {}
    for durable, state in chance.sample(found, wanted):
        verdict = await _check(tmp_path / "audit.jsonl", durable, state, whole)
        verdicts[verdict] = verdicts.get(verdict, 0) + 1
    counts = ", ".join(f"{number} {verdict}" for verdict, number in sorted(verdicts.items()))
    record_property("figures", f"{wanted} of {len(found)} states of {len(whole)} bytes: {counts}")
    assert wanted >= 300
