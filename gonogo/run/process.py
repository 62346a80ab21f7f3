"""The run's own process: takes the lock, begins or recovers the trail, conducts, serves, leaves."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from gonogo.errors import RunError, TrailError
from gonogo.trail.clock import RunClock
from gonogo.trail.reader import Reading, Verdict
from gonogo.trail.record import VERSION
from gonogo.trail.rundir import check_directory
from gonogo.trail.seal import Sealer
from gonogo.trail.signers import load_signers
from gonogo.trail.signing import load_signer
from gonogo.trail.writer import TrailWriter

from .acts import skip
from .client import new_state
from .conductor import Conductor
from .ports import Executor
from .server import Server
from .state import HostState, Record, RunState

GRACE = 2.0
"""Seconds that screens are given to read why the run stopped."""


class Order(Struct, frozen=True):
    """What the process is started with. Secrets come this way (a pipe) and no other."""

    by: str
    start: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `run.start`; empty: the run is gone on with."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    become_password: str | None = None
    sign_key: str | None = None
    """What seals the trail (`gonogo.trail.signing.load_signer`)."""
    passphrase: str | None = None
    """Of the key's file."""
    skip: Sequence[tuple[Sequence[str], str]] = ()
    """(ids of steps, why) that this run goes without from its start."""
    revision: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `plan.change`: the runbook was edited since, and the run goes on with its new text."""


async def conduct(
    run: Path, order: Order, executor_for: Callable[[str], Executor], ready: Callable[[], None]
) -> None:
    """Drive a run to its end or to a stop. `ready` is called once screens can connect.

    Raises TrailError when the trail cannot be written, RunError when another process drives the run.
    """
    check_directory(run)
    state = new_state(run)
    sealer = await _sealer(run, order)
    trail = TrailWriter.create(run) if order.start else _recover(run, state)
    signers = load_signers(run / "runbook" / state.plan.signers) if state.plan.signers else None
    conductor = Conductor(
        run, state, trail, executor_for, order.secrets, order.become_password, sealer, signers
    )
    server = Server(run, conductor)
    trail.on_written = server.written

    def poisoned() -> None:
        # A run that waits for a person must hear of it too, not only one that waits for the disk.
        server.tell({"trouble": trail.poison.what if trail.poison else ""})
        conductor.stop()

    trail.on_poison = poisoned
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, conductor.stop)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, lambda: None)
    try:
        try:
            await _begin(conductor, run, order)
            await trail.commit()
            await server.start()
            ready()
            await conductor.drive()
        finally:
            await trail.close()
    except TrailError as error:
        # Told again and again: a screen may be on its way here.
        for _ in range(10):
            server.tell({"trouble": error.what})
            await asyncio.sleep(GRACE / 10)
        raise
    finally:
        await server.close()
    if state.result is not None:
        with contextlib.suppress(OSError):
            (run / "audit.jsonl").chmod(0o400)


async def _sealer(run: Path, order: Order) -> Sealer | None:
    """Return what seals the trail, ready to sign; raise when the key can't."""
    if order.sign_key is None:
        return None
    passphrase = order.passphrase or ""
    return Sealer(run.name, await load_signer(order.sign_key, lambda _: passphrase))


async def _begin(conductor: Conductor, run: Path, order: Order) -> None:
    """Write what the run starts or goes on with."""
    if order.start:
        conductor.record("run.start", v=VERSION, run=run.name, by=order.by, **order.start)
    else:
        _resume(conductor, order.by, order.secrets)
    if order.revision:
        await conductor.revise(**order.revision, by=order.by)
    for steps, why in order.skip:
        await conductor.write(skip(conductor.state, order.by, steps=steps, reason=why))


def _recover(run: Path, state: RunState) -> TrailWriter:
    """Fold what is on disk and take the trail up where it ends."""
    reading = Reading(run / "audit.jsonl")
    for record in reading.records():
        state.apply(record)
    if reading.verdict not in (Verdict.OPEN, Verdict.TORN):
        if reading.verdict is Verdict.COMPLETE:
            raise RunError(f"{run.name} is over: {state.result}", f"`gonogo replay {run.name}` shows it.")
        raise TrailError(f"{run.name}: the trail is {reading.verdict}: {reading.why}")
    trail = TrailWriter.reopen(reading, RunClock(_elapsed(reading.last)))
    if reading.torn:
        state.apply(trail.add("recovered", bytes=len(reading.torn), torn=reading.torn[:4096].hex()))
    return trail


def _elapsed(last: Record) -> int:
    """Return the run's time now: the last record's, and the wall clock's word for what passed since."""
    then = datetime.strptime(last["t"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    passed = (datetime.now(UTC) - then).total_seconds()
    return int(last["m"]) + max(int(passed * 1e9), 0)


def _resume(conductor: Conductor, by: str, secrets: Collection[str]) -> None:
    """Say who goes on; what was out on hosts when the process died is unknown, never guessed."""
    state = conductor.state
    for one in state.plan.inputs:
        if one.secret and not one.reached and one.name not in secrets:
            raise RunError(f"the secret {one.name!r} has no value", f"Give it with --input {one.name}=VALUE.")
    conductor.record("run.resume", by=by, secrets=sorted(secrets))
    if by != state.operator:
        conductor.record("operator", by=by, was=state.operator)
    if state.testing is not None:
        why = "the run's process died"
        conductor.record("test.end", round=state.testing.number, why=why)
    for turn, turn_state in zip(state.plan.turns, state.turns, strict=True):
        if turn_state.running:
            hosts = turn_state.in_state(HostState.RUNNING)
            why = "the run's process died while this host's command ran"
            conductor.record_hosts("host.unknown", hosts, turn=turn.index, why=why)
