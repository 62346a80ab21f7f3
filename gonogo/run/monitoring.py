"""Monitors at work: each looks every so often, from the run's go to its end, and never holds anything up."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from gonogo.errors import GonogoError
from gonogo.text import clean_line

from .hands import Hands
from .jobs import Jobs
from .masking import Streams
from .monitors import Level, Series, level_of
from .plan import Plan, PlannedMonitor
from .ports import Ended, Executor, Exit, Stream
from .sampling import OUTPUT, Looked, Told, look, number_text
from .scribe import Scribe

AT_ONCE = 8
"""Samples that are out at once; a host's sshd takes ten sessions of one connection."""
END = 5.0
"""Seconds that commands which are out may take to end when the run does."""


class Monitoring:
    """The monitors of one run. They have connections of their own: what they do ends no step's command."""

    def __init__(self, scribe: Scribe, jobs: Jobs, executor_for: Callable[[str], Executor]) -> None:
        self._scribe, self._jobs = scribe, jobs
        self._hands = Hands(executor_for)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._tasks: dict[PlannedMonitor, asyncio.Task[None]] = {}
        self._followed: Plan | None = None
        self._over = False

    def follow(self) -> None:
        """Have exactly the monitors of the run's plan at work, once the run may begin."""
        plan = self._scribe.state.plan
        if plan is self._followed or (plan.preflight and not self._scribe.state.begun):
            return
        self._followed = plan
        for gone in self._tasks.keys() - set(plan.monitors):
            self._tasks.pop(gone).cancel()
        for monitor in plan.monitors:
            if monitor not in self._tasks:
                self._tasks[monitor] = asyncio.create_task(self._watch(monitor))

    async def stop(self) -> None:
        """End them all, with what they have out, and close their connections."""
        self._over = True
        tasks, self._tasks = list(self._tasks.values()), {}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=END)
        await self._hands.close()

    async def _watch(self, monitor: PlannedMonitor) -> None:
        """Look again and again. A sample that takes longer than `every` only makes the next one late."""
        loop = asyncio.get_running_loop()
        every = monitor.monitor.step.options.every or 1.0
        due = loop.time()
        # What cannot be written is told by the run itself, which ends of it.
        with contextlib.suppress(GonogoError):
            while self._scribe.poison is None:
                async with self._slots:
                    looked = await self._look(monitor)
                if self._over:
                    return
                self._write(monitor, looked)
                due = max(due + every, loop.time())
                await asyncio.sleep(due - loop.time())

    async def _look(self, monitor: PlannedMonitor) -> Looked:
        """Take one sample; whatever goes wrong with it is its result."""
        planned = monitor.planned
        sight = _Sight(self._scribe.secrets.all(), tail=monitor.monitor.value == "number")
        try:
            job = self._jobs.look(planned, captures=False)
            await self._hands.of(planned, job).run(job, sight)
        except Exception as error:
            why = error.what if isinstance(error, GonogoError) else f"the executor failed: {error!r}"
            return Looked(None, why=clean_line(why)[:500])
        return look(monitor.monitor, {name: sight.told(name) for name in monitor.hosts})

    def _write(self, monitor: PlannedMonitor, looked: Looked) -> None:
        name, value = monitor.name, looked.value
        level = Level.FAILING if value is None else level_of(value, monitor.monitor.limits)
        fields: dict[str, Any] = {"monitor": name}
        if value is not None:
            fields["value"] = number_text(value)
        more = {key: said for key, said in (("why", looked.why), ("host", looked.host)) if said}
        self._scribe.record("monitor.sample", **fields, level=level.value, **more)
        series = self._scribe.state.monitors.get(name, Series())
        crossed = series.crossing()
        if crossed is not None:
            was = series.level.value
            self._scribe.record("monitor.change", **fields, level=crossed.value, was=was, **more)


class _Sight:
    """Hears the hosts of one sample: a bounded part of what each prints, secrets masked."""

    def __init__(self, secrets: list[str], *, tail: bool) -> None:
        self._masked, self._tail = Streams(secrets), tail
        self._heard: dict[str, bytearray] = {}
        self._ends: dict[str, Exit] = {}

    async def starting(self, host: str) -> None:
        """Let it start: it changes nothing, so nothing has to be on disk before."""

    def output(self, host: str, stream: Stream, data: bytes) -> None:
        """Keep the part of stdout that counts."""
        if stream is Stream.OUT:
            self._keep(host, self._masked.feed(host, data))

    def exited(self, host: str, end: Exit) -> None:
        """Keep how it ended."""
        self._keep(host, self._masked.finish(host))
        self._ends[host] = end

    def told(self, host: str) -> Told:
        """Return what was heard of a host."""
        end = self._ends.get(host, Exit(Ended.LOST, reason="the executor did not say how it ended"))
        return Told(end, bytes(self._heard.get(host, b"")).decode("utf-8", "replace"))

    def _keep(self, host: str, data: bytes) -> None:
        kept = self._heard.setdefault(host, bytearray())
        if self._tail:
            kept += data[-OUTPUT:]
            del kept[:-OUTPUT]
        else:
            kept += data[: OUTPUT - len(kept)]
