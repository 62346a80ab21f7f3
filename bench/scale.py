"""A hundred thousand hosts that are only played, through runner, trail, fold and screen: `make bench-scale`.

No connection is made: what is measured is what a run costs beside its hosts.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
import tempfile
import time
import tracemalloc
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from gonogo.cli.starting.planning import Wish, plan_of
from gonogo.loop import run as run_loop
from gonogo.run import process
from gonogo.run.client import LiveLink, load_plan, new_state
from gonogo.run.ports import Ended, Exit, Job, Sink, Stream, Target
from gonogo.run.process import Order
from gonogo.run.server import Server
from gonogo.run.state import Record, RunState
from gonogo.run.words import Answer
from gonogo.trail.reader import Reading
from gonogo.trail.rundir import create_run
from gonogo.tui import projection

from .measure import Row, milliseconds, percentile
from .played import Unattended

AT_ONCE = 512
"""Hosts that are out at the same time, as connections would be."""
LATE = 500
"""Hosts that end one after another when all others are done, as a person would see them."""
PAUSE = 0.005
"""Seconds between two of them."""
_BOOK = "---\ngonogo: 1\ntitle: Scale\n---\n\n```sh {hosts=all read-only}\nuname -r\n```\n"
_LINES = (b"5.14.0-427.el9.x86_64\n", b"5.14.0-362.el9.x86_64\n")


class Played(Unattended):
    """An executor whose hosts answer at once: one in a hundred prints something else, as many fail."""

    def __init__(self) -> None:
        self.ended: dict[str, float] = {}
        """When the late hosts ended."""

    async def run(self, job: Job, sink: Sink) -> None:
        """Play every target."""
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(number: int, target: Target) -> None:
            async with limit:
                await sink.starting(target.name)
                sink.output(target.name, Stream.OUT, _LINES[number % 100 == 0])
                sink.exited(target.name, Exit(Ended.EXIT, int(number % 100 == 1)))

        bulk = max(len(job.targets) - LATE, 0)
        async with asyncio.TaskGroup() as group:
            for number, target in enumerate(job.targets[:bulk]):
                group.create_task(one(number, target))
        for number, target in enumerate(job.targets[bulk:], bulk):
            await asyncio.sleep(PAUSE)
            self.ended[target.name] = time.perf_counter()
            await one(number, target)


def _made(folder: Path, hosts: int) -> Path:
    """Plan the run and make its directory."""
    (folder / "book.md").write_text(_BOOK)
    (folder / "hosts.ini").write_text("".join(f"node{number:06}\n" for number in range(hosts)))
    planned = plan_of(Wish(folder / "book.md", (folder / "hosts.ini",), pace="flow"))
    return create_run("scale", planned.plan.dump(), planned.sources)


class Stamped(Server):
    """Remembers when each record was on disk."""

    on_disk: ClassVar[dict[int, float]] = {}

    def written(self, lines: list[bytes]) -> None:
        """Stamp the last hundred lines: a bulk is not looked at."""
        now = time.perf_counter()
        for line in lines[-100:]:
            self.on_disk[int(line[5 : line.index(b",")])] = now
        super().written(lines)


@dataclass(slots=True)
class Driven:
    """What a run took: seconds until its step is over, seconds of CPU, and seconds of each late host's end.

    `shown` are from the disk to the screen's model, `whole` from the host to there.
    """

    wall: float = 0.0
    cpu: float = 0.0
    shown: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)


async def _driven(run: Path) -> Driven:
    """Drive it with a screen's link beside it."""
    ready = asyncio.Event()
    order = Order(by="bench@here", start={"title": "scale", "inputs": {}})
    played = Played()
    vars(process)["Server"] = Stamped
    work = asyncio.create_task(process.conduct(run, order, lambda _: played, ready.set))
    await ready.wait()
    driven = Driven()

    def told(state: RunState, record: Record) -> None:
        now = time.perf_counter()
        if record["k"] == "host.exit" and record["host"] in played.ended:
            driven.whole.append(now - played.ended[record["host"]])
            driven.shown.append(now - Stamped.on_disk[record["n"]])

    link = await LiveLink.connect(run, "bench@here", on_record=told)
    begun, cpu = time.perf_counter(), time.process_time()
    answered = -1
    async for _ in link.changes():
        gate = link.state.gate
        if gate is not None and gate.number != answered:
            answered = gate.number
            answer = next(one for one in (Answer.LEAVE_OUT, Answer.GO) if one in gate.choices)
            await link.answer(gate.number, answer, reason="bench")
    driven.wall, driven.cpu = time.perf_counter() - begun, time.process_time() - cpu
    await link.close()
    await work
    await asyncio.sleep(0.1)  # the server's end of the link ends
    return driven


def _folded(run: Path) -> tuple[float, list[float], list[float]]:
    """Fold the trail; return bytes a host, and the seconds of each record and of some looks at the whole."""
    records = list(Reading(run / "audit.jsonl").records())
    state = new_state(run)
    each = []
    for record in records:
        begun = time.perf_counter()
        state.apply(record)
        each.append(time.perf_counter() - begun)
    looks = []
    for _ in range(5):
        begun = time.perf_counter()
        projection.progress(state.turns[0])
        projection.groups(state.turns[0])
        projection.reasons(state.turns[0])
        looks.append(time.perf_counter() - begun)
    del records, state
    gc.collect()
    return _held(run), each, looks


def _held(run: Path) -> float:
    """Return what the fold holds of each host, in bytes, besides the plan with their names."""
    tracemalloc.start()
    plan = load_plan(run)
    beside = 2 * tracemalloc.get_traced_memory()[0]  # the state reads the plan once more
    state = new_state(run)
    for record in Reading(run / "audit.jsonl").records():
        state.apply(record)
    gc.collect()
    held = tracemalloc.get_traced_memory()[0] - beside
    tracemalloc.stop()
    return held / len(plan.hosts)


def rows(hosts: int) -> list[Row]:
    """Drive and fold one run."""
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name:
        os.environ["GONOGO_RUNS"] = str(Path(name, "runs"))
        begun = time.perf_counter()
        run = _made(Path(name), hosts)
        planned = time.perf_counter() - begun
        driven = run_loop(_driven(run))
        size = (run / "audit.jsonl").stat().st_size
        held, each, looks = _folded(run)
    last, shown, whole = (percentile(times, 99) for times in (each, driven.shown, driven.whole))
    return [
        Row(f"{hosts} hosts planned", f"{planned:.2f} s", "", None, "", None),
        Row(
            "run, recorded, heard by a screen",
            f"{driven.wall:.1f} s",
            f"CPU {driven.cpu:.1f} s",
            None,
            "",
            None,
        ),
        Row("trail", f"{size / hosts:.0f} bytes/host", "", None, "", None),
        Row("fold", f"{held:.0f} bytes/host", "", None, "<= 1024", held <= 1024),
        Row("a change folded in, p99", f"{last * 1e6:.0f} us", "", None, "<= 1 ms", last <= 1e-3),
        Row(
            "from the disk to the screen's model, p99",
            milliseconds(shown),
            "",
            None,
            "<= 1 ms",
            shown <= 1e-3,
        ),
        Row("from the host's end to there, p99", milliseconds(whole), "with the sync", None, "", None),
        Row("groups, reasons and counts", milliseconds(min(looks)), "", None, "", None),
    ]


def main() -> int:
    """Measure and print; 1 when a target was missed."""
    from .__main__ import show

    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("-n", type=int, default=100_000, help="hosts")
    found = rows(parser.parse_args().n)
    show(found)
    return int(any(row.good is False for row in found))


if __name__ == "__main__":
    sys.exit(main())
