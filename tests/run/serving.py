"""A run that is driven and served on its socket in the test's own process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gonogo.run.conductor import Conductor
from gonogo.run.plan import Plan
from gonogo.run.ports import Executor
from gonogo.run.server import Server
from gonogo.run.state import RunState
from gonogo.trail.seal import Sealer
from gonogo.trail.signers import Signers
from gonogo.trail.writer import TrailWriter


@dataclass(frozen=True, slots=True)
class Served:
    """A run that screens can connect to, and the work of driving it."""

    run: Path
    conductor: Conductor
    trail: TrailWriter
    work: asyncio.Task[None]


@asynccontextmanager
async def serving(
    run: Path,
    plan: Plan,
    executor: Executor,
    sealer: Sealer | None = None,
    signers: Signers | None = None,
    /,
    **start: Any,
) -> AsyncIterator[Served]:
    """Begin a run in a new directory, with more fields of `run.start`; end it behind what is done with it."""
    (run / "runbook").mkdir(parents=True)
    (run / "runbook" / "plan.json").write_bytes(plan.dump())
    trail = TrailWriter.create(run)
    conductor = Conductor(run, RunState.of(plan), trail, lambda name: executor, {}, None, sealer, signers)
    server = Server(run, conductor)
    trail.on_written = server.written
    conductor.record("run.start", v=1, run=run.name, by="ann@desk", **start)
    await trail.commit()
    await server.start()
    work = asyncio.create_task(conductor.drive())
    yield Served(run, conductor, trail, work)
    conductor.stop()
    await work
    await trail.close()
    await server.close()
