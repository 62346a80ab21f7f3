"""A whole run in the test's own process: trail, socket, screen and local executor are the real ones."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from gonogo.cli.starting.planning import Wish, plan_of
from gonogo.errors import RunError
from gonogo.executors import create
from gonogo.run.client import LiveLink
from gonogo.run.ports import Executor
from gonogo.run.process import Order, conduct
from gonogo.run.state import Answer, At, Gate, RunState
from gonogo.trail.rundir import create_run

PATIENCE = 20
"""Seconds after which something that ought to come counts as never coming."""
HEAD = """gonogo: 1
title: Live
inventory: hosts.ini
"""


class Live:
    """One run of a runbook in YAML. Its hosts `a`, `b`, ... are this machine; `$me` is a host's name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = Path()
        self.link: LiveLink
        self._links: list[LiveLink] = []
        self._task: asyncio.Task[None] | None = None
        self.executor_for: Callable[[str], Executor] = create
        self._file = folder / "runbook.yaml"

    async def begin(
        self,
        text: str,
        *,
        head: str = "",
        hosts: int = 3,
        pace: str = "flow",
        inputs: tuple[str, ...] = (),
        **order: Any,
    ) -> None:
        """Write runbook and inventory, plan without a question at the start, and start."""
        names = "abcdefghijklmnopqrstuvwxyz"[:hosts]
        lines = "".join(f"{name} me={name} ansible_connection=local\n" for name in names)
        (self.folder / "hosts.ini").write_text(f"[web]\n{lines}")
        self._file.write_text(HEAD + head + "steps:\n" + text)
        planned = plan_of(Wish(self._file, inputs=inputs, pace=pace))
        plan = replace(planned.plan, preflight=False)
        self.run = create_run("live", plan.dump(), planned.sources)
        start = {"title": "Live", "inputs": {one.name: one.value for one in planned.plan.inputs}}
        await self._start(Order(**{"by": "ann@desk", "start": start, "secrets": planned.secrets} | order))

    async def resume(self, by: str = "ann@desk", **order: Any) -> None:
        """Go on with the run in another conductor."""
        await self.leave()
        await self._start(Order(by=by, **order))

    async def second(self) -> None:
        """Try to drive the run from one more process."""
        await conduct(self.run, Order(by="eve@sofa"), create, lambda: None)

    async def _start(self, order: Order) -> None:
        ready = asyncio.Event()
        self._task = asyncio.create_task(conduct(self.run, order, self.executor_for, ready.set))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait([self._task, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._task.done():
            task, self._task = self._task, None
            await task
        self.link = await self.connect(order.by)

    async def connect(self, who: str, **more: Any) -> LiveLink:
        """Connect one more screen."""
        async with asyncio.timeout(PATIENCE):
            self._links.append(await LiveLink.connect(self.run, who, **more))
        return self._links[-1]

    async def leave(self) -> None:
        """Have the run's process leave at its next gate, and wait for that."""
        if self._task is None:
            return
        if not self.link.ended:
            # A run that is over leaves by itself, perhaps right now.
            with contextlib.suppress(*(() if self.link.state.result is None else (RunError,))):
                await self.link.stop()
        task, self._task = self._task, None
        async with asyncio.timeout(PATIENCE):
            await task
        for link in self._links:
            await link.close()
        self._links.clear()

    @property
    def state(self) -> RunState:
        """What the screen knows."""
        return self.link.state

    async def until(self, holds: Callable[[RunState], Any]) -> None:
        """Return once this holds for the state."""
        async with asyncio.timeout(PATIENCE):
            while not holds(self.state):
                assert not self.link.ended, self.link.ended
                async for _ in self.link.changes():
                    break

    async def gate(self, at: At | None = None) -> Gate:
        """Return the next gate that is open; it is of this kind."""
        await self.until(lambda state: state.gate or state.result)
        assert self.state.gate is not None, f"no gate: the run ended with {self.state.result}"
        assert at in (None, self.state.gate.at), self.state.gate
        return self.state.gate

    async def say(self, answer: Answer, **more: Any) -> None:
        """Answer the open gate, and return once it is closed here too."""
        gate = await self.gate()
        reason = {"reason": "because"} if answer in (Answer.LEAVE_OUT, Answer.BY_HAND, Answer.SKIP) else {}
        reason |= {"reason": "because"} if answer in (Answer.NO_GO, Answer.ABORT) else {}
        await self.link.answer(gate.number, answer, **(reason | more))
        await self.until(lambda state: state.gate is not gate)

    async def there(self, *names: str) -> None:
        """Return once commands have made these files."""
        async with asyncio.timeout(PATIENCE):
            while not all((self.folder / name).exists() for name in names):
                await asyncio.sleep(0.01)

    async def end(self) -> str:
        """Return what the run came to; no gate may come before."""
        await self.until(lambda state: state.gate or state.result)
        assert self.state.gate is None, self.state.gate
        assert self._task is not None
        await self._task
        return str(self.state.result)

    def records(self, kind: str) -> list[dict[str, Any]]:
        """Return the trail's records of one kind."""
        lines = (self.run / "audit.jsonl").read_bytes().splitlines()
        return [found for line in lines if (found := json.loads(line))["k"] == kind]

    def hosts(self, step: str) -> Mapping[str, str]:
        """Return the state of each host in a step, its batches joined."""
        found: dict[str, str] = {}
        for turn, turn_state in zip(self.state.plan.turns, self.state.turns, strict=True):
            if self.state.plan.step_of(turn).step.id == step and turn_state.result != "replaced":
                found |= {name: host.state.value for name, host in turn_state.hosts.items()}
        return found

    def tries(self, step: str) -> list[list[str]]:
        """Return the hosts of each start of a step's scripts."""
        index = {
            turn.index for turn in self.state.plan.turns if self.state.plan.step_of(turn).step.id == step
        }
        found: dict[tuple[int, int], list[str]] = {}
        for one in self.records("host.start"):
            if one["turn"] in index:
                found.setdefault((one["turn"], one["attempt"]), []).extend(sorted(one["hosts"]))
        return list(found.values())
