"""Real runs for tests of the trail: driven, approved and sealed by the program's own parts."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from msgspec.structs import replace

from gonogo.run.conductor import Conductor
from gonogo.run.plan import Plan
from gonogo.run.ports import Ended, Exit, Job, Sink, Stream
from gonogo.run.state import Answer, At, RunState
from gonogo.trail.approval import NAMESPACE, Asked, statement
from gonogo.trail.record import GENESIS, encode
from gonogo.trail.rundir import create_run
from gonogo.trail.seal import Sealer
from gonogo.trail.signers import parse_signers
from gonogo.trail.signing import KeySigner
from gonogo.trail.writer import TrailWriter
from tests.run.plans import plan_of, step
from tests.run.unattended import Unattended

from .people import Party

RUNBOOK = b"# Move the service\n"


class Echo(Unattended):
    """An executor whose hosts print the script that they were given."""

    async def run(self, job: Job, sink: Sink) -> None:
        """Run on one host after another."""
        for target in job.targets:
            await sink.starting(target.name)
            sink.output(target.name, Stream.OUT, f"{job.script} here is {target.name}\n".encode())
            sink.exited(target.name, Exit(Ended.EXIT, 0))


def golden_plan() -> Plan:
    """Return a plan of two steps on three hosts; the second needs Bob."""
    steps = (step("look", read_only=True), step("switch", gate="approve"))
    return replace(plan_of(*steps, hosts=3), signers="02-allowed_signers")


async def make_run(
    runs: Path,
    party: Party,
    *,
    sealer: KeySigner | None,
    approver: KeySigner,
    plan: Plan | None = None,
    edit: str = "",
) -> Path:
    """Drive a run to its end; return its directory. `edit` is run instead of the step `switch`."""
    sources = (("change.md", RUNBOOK), ("allowed_signers", party.signers.read_bytes()))
    plan = plan or golden_plan()
    with patch.dict(os.environ, {"GONOGO_RUNS": str(runs)}):
        run = create_run("golden", plan.dump(), sources)
    state, trail = RunState.of(plan), TrailWriter.create(run)
    signers = parse_signers(party.signers.read_bytes(), "allowed_signers")
    seals = Sealer(run.name, sealer) if sealer else None
    conductor = Conductor(run, state, trail, lambda name: Echo(), {}, None, seals, signers)
    conductor.record(
        "run.start",
        v=1,
        run=run.name,
        by="ann@desk",
        title="Golden",
        plan=hashlib.sha256(plan.dump()).hexdigest(),
        sources=[[path, hashlib.sha256(data).hexdigest()] for path, data in sources],
    )
    await trail.commit()
    work = asyncio.create_task(conductor.drive())
    while not work.done():
        gate = conductor.state.gate
        if edit and gate is not None and gate.at is At.APPROVE:
            await conductor.act("edit", "ann@desk", step="switch", script=edit, reason="a typing error")
            edit = ""
        else:
            await _answer(conductor, approver)
    await work
    await trail.close()
    return run


async def _answer(conductor: Conductor, approver: KeySigner) -> None:
    gate = conductor.state.gate
    if gate is not None:
        if gate.at is At.APPROVE:
            asked = Asked(conductor.state.run, *(gate.evidence[name] for name in ("step", "plan", "expires")))
            await conductor.approve(gate.number, await approver.sign(NAMESPACE, statement(asked)))
        await conductor.answer(gate.number, Answer.GO, "ann@desk", typed="7")
    await asyncio.sleep(0)


Change = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


async def forge(
    run: Path, change: Change, sealer: KeySigner | None = None, then: KeySigner | None = None
) -> None:
    """Rewrite a trail as whoever owns its file can: chained anew, and sealed anew with a key at hand.

    Seals behind the last answer are made by `then`, if there is one: somebody else drives from there on.
    """
    path = run / "audit.jsonl"
    records = change([json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]])
    head, heads, lines = GENESIS, list[bytes](), list[bytes]()
    for number, record in enumerate(records):
        fields = {key: value for key, value in record.items() if key != "h"} | {"n": number}
        if record["k"] == "gate.answer":
            sealer = then or sealer
        if record["k"] == "seal" and sealer is not None:
            through = min(record["through"], number - 1)
            fields |= await Sealer(records[0]["run"], sealer).seal(through + 1, heads[through])
        line, head = encode(head, fields)
        lines.append(line)
        heads.append(head)
    path.chmod(0o600)
    path.write_bytes(b"".join(lines))


def bend(run: Path, change: Callable[[bytes], bytes]) -> None:
    """Change a trail's bytes without mending its chain."""
    path = run / "audit.jsonl"
    path.chmod(0o600)
    path.write_bytes(change(path.read_bytes()))
