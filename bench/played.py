"""A real run's process whose hosts are only played, at a pace: what a screen is measured on.

`python -m bench.played RUN CHANGES` drives a run whose hosts begin and end CHANGES times a second in all.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from gonogo.cli.starting.planning import Wish, plan_of
from gonogo.errors import ExecutorError
from gonogo.run.client import LiveLink
from gonogo.run.ports import Ended, Exit, Job, Sink, Stream, Target
from gonogo.run.process import Order, conduct
from gonogo.run.words import Answer
from gonogo.trail.rundir import create_run

BEAT = 0.1
"""Seconds between two lots of changes."""


class Unattended:
    """What an executor of played hosts has besides `run`: no terminal, and nothing to end or to close."""

    async def terminal(self, job: Job) -> NoReturn:
        """There is none."""
        raise ExecutorError("a played host has no terminal")

    def shell(self, target: Target) -> NoReturn:
        """There is none."""
        raise ExecutorError("a played host has no shell")

    def cancel(self, host: str) -> None:
        """They end by themselves."""

    async def close(self) -> None:
        """Nothing is open."""


class Paced(Unattended):
    """An executor of hosts that begin, print a line, and end, so many changes a second."""

    def __init__(self, changes: int) -> None:
        self._lot = max(int(changes * BEAT) // 2, 1)

    async def run(self, job: Job, sink: Sink) -> None:
        """Play every target: in each beat one lot begins, and the lot before it ends."""
        loop = asyncio.get_running_loop()
        out: list[Target] = []
        due = loop.time()
        for at in range(0, len(job.targets) + self._lot, self._lot):
            lot = list(job.targets[at : at + self._lot])
            for target in lot:
                await sink.starting(target.name)
            for number, target in enumerate(out):
                sink.output(target.name, Stream.OUT, b"done\n" if number else b"done otherwise\n")
                sink.exited(target.name, Exit(Ended.EXIT, 0))
            out = lot
            due += BEAT
            await asyncio.sleep(max(due - loop.time(), 0))


def made(folder: Path, hosts: int, steps: int) -> Path:
    """Plan a run of so many steps that only read, on so many hosts; return its directory."""
    book = ["---", "gonogo: 1", "title: Played", "---", "# Played", ""]
    for number in range(1, steps + 1):
        book += [f"### Look {number}", "", "```sh {hosts=all read-only}", "uname -r", "```", ""]
    (folder / "book.md").write_text("\n".join(book))
    (folder / "hosts.ini").write_text("".join(f"node{number:04}\n" for number in range(hosts)))
    planned = plan_of(Wish(folder / "book.md", (folder / "hosts.ini",), pace="flow"))
    return create_run("played", planned.plan.dump(), planned.sources)


@contextlib.contextmanager
def driven(run: Path, changes: int) -> Iterator[None]:
    """Have a process drive a run in here; it waits for its first go."""
    words = [sys.executable, "-m", "bench.played", str(run), str(changes)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, start_new_session=True)
    try:
        if process.stdout is None or not process.stdout.readline():
            raise RuntimeError("the played run did not start")
        yield
    finally:
        process.terminate()
        process.wait()


async def go(run: Path) -> None:
    """Give a run its first go."""
    link = await LiveLink.connect(run, "bench@here", take=True)
    async for _ in link.changes():
        if link.state.gate is not None:
            await link.answer(link.state.gate.number, Answer.GO)
            break
    await link.close()


async def _drive(run: Path, changes: int) -> None:
    order = Order(by="bench@here", start={"title": "Played", "inputs": {}})
    await conduct(run, order, lambda _: Paced(changes), lambda: print("ready", flush=True))


if __name__ == "__main__":
    os.umask(0o077)
    asyncio.run(_drive(Path(sys.argv[1]), int(sys.argv[2])))
