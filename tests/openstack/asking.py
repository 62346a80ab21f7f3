"""Blocks in `openstack` run as a run would run them, against a stub cloud."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from gonogo.executors import create
from gonogo.run.ports import Ended, Executor, Exit, Job, Stream, Target

from .stub import Stub


@dataclass
class Heard:
    """A sink that keeps what it hears."""

    out: str = ""
    err: str = ""
    ends: dict[str, Exit] = field(default_factory=dict)
    kept: str = ""
    """What was handed on the last time that it was asked for."""
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def starting(self, host: str) -> None: ...

    def output(self, host: str, stream: Stream, data: bytes) -> None:
        """Keep it; after an exit nothing may come."""
        assert host not in self.ends
        if stream is Stream.OUT:
            self.out += data.decode()
        else:
            self.err += data.decode()
        self.heard.set()

    def flush(self) -> None:
        self.kept = self.out

    def exited(self, host: str, end: Exit) -> None:
        self.ends[host] = end

    async def until(self, words: str) -> None:
        """Wait until these words were heard."""
        while words not in self.out + self.err:
            self.heard.clear()
            await self.heard.wait()

    @property
    def code(self) -> int | None:
        """The exit code of the only target."""
        (end,) = self.ends.values()
        return end.code


class Asking:
    """One executor and one stub."""

    def __init__(self, executor: Executor, stub: Stub, folder: Path) -> None:
        self.executor, self.stub, self.folder = executor, stub, folder
        self.clouds = stub.clouds(folder)

    async def __call__(
        self,
        script: str,
        *hosts: str,
        timeout: float | None = 30,
        request: float | None = None,
        **values: str,
    ) -> Heard:
        """Run a block and return what was heard."""
        heard = Heard()
        await self.executor.run(self.job(script, *hosts, timeout=timeout, request=request, **values), heard)
        return heard

    async def cancelled(self, script: str, after: str) -> Heard:
        """Run a block and cancel it as soon as these words are heard; it has told how it ended."""
        heard = Heard()
        running = asyncio.create_task(self.executor.run(self.job(script), heard))
        await heard.until(after)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        assert heard.ends["localhost"].how is Ended.CANCELLED
        return heard

    def job(
        self,
        script: str,
        *hosts: str,
        timeout: float | None = 30,
        request: float | None = None,
        **values: str,
    ) -> Job:
        """Return the job of a block."""
        given = {"OS_CLIENT_CONFIG_FILE": str(self.clouds), "OS_CLOUD": "stub", **values}
        given = {name: value for name, value in given.items() if value}
        targets = tuple(Target(host, values=given) for host in hosts or ("localhost",))
        return Job(targets, script, "openstack", timeout=timeout, connect_timeout=request)


@asynccontextmanager
async def asking(folder: Path) -> AsyncIterator[Asking]:
    """Start a stub and an executor for it."""
    with Stub() as stub:
        executor = create("openstack")
        try:
            yield Asking(executor, stub, folder)
        finally:
            await executor.close()
