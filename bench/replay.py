"""How long a wide run takes to list, to fold and to report, beside reading its lines as JSON and no more."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gonogo.cli.listing import about
from gonogo.format.model import Kind, Options, Place, Script, Step
from gonogo.report.collect import read_summary
from gonogo.report.forms import html
from gonogo.run.plan import Plan, PlannedHost, PlannedStep, Turn
from gonogo.trail.record import GENESIS, encode

from .measure import Row, compared, interleave

STEPS, HOSTS = 60, 2_000
"""A fifth of 300 steps for what is measured several times: all costs grow with the number of exits."""
WIDE_STEPS = 300
SECONDS = 10.0
"""That the report of the whole may take, from the command to the page."""
PAGE = 4_000_000
"""Bytes of a page at most."""
NAMES = tuple(f"cell{number % 40:02}-cp{number:04}" for number in range(HOSTS))


def rows() -> list[Row]:
    """Make a run and read it in each way."""
    with tempfile.TemporaryDirectory() as folder:
        run = _make(Path(folder) / "20261120T160000Z-wide")
        pages: list[int] = []

        def report() -> float:
            begun = time.perf_counter()
            pages.append(sum(len(piece) for piece in html.render(read_summary(run))))
            return time.perf_counter() - begun

        listed, folded, told, bare = interleave(
            [
                lambda: _timed(run, about),
                lambda: _timed(run, read_summary),
                report,
                lambda: _timed(run, _bare),
            ],
            rounds=3,
        )
        whole, page = _reported(Path(folder))
    exits = f"{STEPS * HOSTS:,} exits"
    size = pages[-1]
    return [
        compared(f"list a run of {exits}", listed, "json.loads alone", bare, 0.1),
        compared(f"fold {exits}", folded, "json.loads alone", bare, 8),
        compared(f"a page of {exits}", told, "json.loads alone", bare, 12),
        Row("that page", f"{size / 1e6:.1f} MB", "", None, f"<= {PAGE / 1e6:g} MB", size <= PAGE),
        Row(
            f"gonogo report: {WIDE_STEPS} steps on {HOSTS:,} hosts, verified",
            f"{whole:.1f} s", f"{page / 1e6:.1f} MB", None, f"<= {SECONDS:g} s", whole <= SECONDS,
        ),
    ]  # fmt: skip


def _reported(folder: Path) -> tuple[float, int]:
    """Return the seconds that the command takes for a page of the whole, and the page's bytes."""
    run = _make(folder / "20261120T170000Z-wider", WIDE_STEPS)
    page = folder / "page.html"
    begun = time.perf_counter()
    command = [sys.executable, "-m", "gonogo", "report", str(run), "-o", str(page)]
    subprocess.run(command, check=True)
    return time.perf_counter() - begun, page.stat().st_size


def _timed(run: Path, read: Any) -> float:
    begun = time.perf_counter()
    read(run)
    return time.perf_counter() - begun


def _bare(run: Path) -> int:
    with (run / "audit.jsonl").open("rb") as file:
        return sum(len(json.loads(line)) for line in file)


def _make(run: Path, steps: int = STEPS) -> Path:
    """Write a run in which one host fails in every tenth step, and two of a hundred print something else."""
    plan = _plan(steps)
    (run / "runbook").mkdir(parents=True)
    (run / "runbook" / "plan.json").write_bytes(plan.dump())
    head = GENESIS
    with (run / "audit.jsonl").open("wb") as file:
        for number, fields in enumerate(_records(run.name, plan)):
            hour, minute = divmod(number // 10_000, 60)
            same = {
                "n": number,
                "t": f"2026-11-20T{16 + hour}:{minute:02}:00.000000Z",
                "m": number * 10**6,
                "d": number,
            }
            line, head = encode(head, {**same, **fields})
            file.write(line)
    return run


def _plan(count: int) -> Plan:
    steps = tuple(
        PlannedStep(
            Step(
                f"step-{number}",
                f"Step {number}",
                Kind.RUN,
                Place("wide.md"),
                Options(hosts="all"),
                Script("true"),
            ),
            ("Wide",),
            NAMES,
            (NAMES,),
        )
        for number in range(count)
    )
    turns = tuple(Turn(number, number, 0, 1, NAMES, opens_batch=True) for number in range(count))
    return Plan("Wide", "wide.md", True, "flow", steps, turns, {name: PlannedHost() for name in NAMES})


def _records(name: str, plan: Plan) -> Iterator[Mapping[str, Any]]:
    yield {"k": "run.start", "v": 1, "run": name, "by": "bench", "title": plan.title, "hosts": HOSTS}
    for turn in range(len(plan.turns)):
        same = {"turn": turn, "phase": "run", "attempt": 1}
        yield {"k": "step.plan", **same, "step": f"step-{turn}", "script": "", "hosts": HOSTS, "plan": ""}
        yield {"k": "host.start", **same, "hosts": list(NAMES)}
        for number, host in enumerate(NAMES):
            failed = turn % 10 == 0 and number == turn
            text = f"odd {number}" if number % 50 == 0 else "the usual words"
            ended = (
                {"state": "failed", "why": "exit code 1", "code": 1} if failed else {"state": "ok", "code": 0}
            )
            digest = hashlib.sha256(text.encode()).hexdigest()
            printed = {"out": len(text), "err": 0, "digest": digest, "excerpt": text}
            yield {"k": "host.exit", **same, "host": host, "how": "exit", "ns": 10**9, **ended, **printed}
        yield {"k": "round.end", "turn": turn, "phase": "run"}
        yield {"k": "step.end", "turn": turn, "step": f"step-{turn}", "result": "ok", "counts": {}}
    yield {"k": "run.end", "result": "go"}
