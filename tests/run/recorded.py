"""Runs on disk, made of records without a process: small ones of the screen's story, and large ones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gonogo.run.plan import Plan
from gonogo.trail.record import GENESIS, encode
from tests.tui.fake import FakeLink
from tests.tui.screens import SCENES

BEGAN = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)


def write_trail(run: Path, plan: Plan, records: Iterable[dict[str, Any]]) -> Path:
    """Write a run directory: its plan, and a chained trail of records that have `k` and `m`."""
    write_records(run, records)
    (run / "runbook" / "plan.json").write_bytes(plan.dump())
    return run


def write_records(run: Path, records: Iterable[dict[str, Any]]) -> None:
    """Write a run directory without its plans."""
    (run / "runbook").mkdir(parents=True, exist_ok=True)
    head = GENESIS
    with open(run / "audit.jsonl", "wb") as file:
        for number, record in enumerate(records):
            then = BEGAN + timedelta(microseconds=record["m"] // 1000)
            frame = {"n": number, "t": then.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "m": record["m"], "d": number}
            rest = {key: value for key, value in record.items() if key not in frame}
            line, head = encode(head, frame | ({"v": 1} if number == 0 else {}) | rest)
            file.write(line)


def story(run: Path, scene: str = "ended") -> FakeLink:
    """Write one of the screen's scenes as a run; return the link that told it, to compare with."""
    link = SCENES[scene](run)
    write_trail(run, link.state.plan, link.records)
    return link
