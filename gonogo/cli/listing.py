"""What a list says of runs, and which of them it names. A run that is over is not read through for it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from msgspec import Struct

from gonogo.errors import GonogoError, TrailError, UsageError
from gonogo.hosts.here import LOCALHOST
from gonogo.run.client import load_plan
from gonogo.run.wire import is_live
from gonogo.text import clean, clean_line
from gonogo.trail.output import chunks, open_regular
from gonogo.trail.reader import AFTER_END, Reading, Verdict

TAIL = 64 << 10
"""Bytes at a trail's end in which its `run.end` is looked for."""
_AGO = re.compile(r"(\d{1,5})([hdw])")
_OUTPUT = re.compile(r"(?:test-)?\d+-\d+\.out(?:\.gz)?")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def about(run: Path) -> dict[str, Any]:
    """Return what a list says of a run, for people and for machines."""
    try:
        start, last, result = _first_and_last(run)
        if result:
            return _over(run, start, last, result)
        return _open(run, start)
    except GonogoError as error:
        why = error.what
    except OSError as error:
        why = f"{error.filename or run}: {error.strerror}"
    except (KeyError, TypeError, ValueError, OverflowError):
        why = f"{run / 'audit.jsonl'}: its records are not as a run writes them"
    return {"run": run.name, "status": "unreadable", "title": clean_line(why), "waits_for": ""}


def _over(run: Path, start: dict[str, Any], last: int, result: str) -> dict[str, Any]:
    return {
        "run": run.name,
        "status": clean_line(result),
        "title": clean_line(start["title"]),
        "waits_for": "",
        "live": False,
        "by": clean_line(start["by"]),
        "seconds": round(last / 1e9, 1),
        **_origin(start),
    }


def _open(run: Path, start: dict[str, Any]) -> dict[str, Any]:
    from .past import read_past

    state = read_past(run).state
    live = is_live(run)
    status = state.result or ("waiting" if state.gate else "running" if live else "paused")
    return {
        "run": run.name,
        "status": clean_line(status),
        "title": clean_line(state.plan.title),
        "waits_for": clean_line(state.gate.question) if state.gate and state.result is None else "",
        "live": live,
        "by": clean_line(state.operator),
        "seconds": round(state.now / 1e9, 1),
        **_origin(start),
    }


def _origin(start: dict[str, Any]) -> dict[str, Any]:
    hosts = start.get("hosts", 0)
    return {
        "began": clean_line(str(start.get("t", ""))),
        "hosts": hosts if isinstance(hosts, int) else 0,
        "runbook": clean_line(str(start.get("runbook", ""))),
    }


def _first_and_last(run: Path) -> tuple[dict[str, Any], int, str]:
    """Return the first record, the last one's time, and how the run ended; an empty word when it has not.

    Whether the chain between them holds is for `gonogo verify` to say.
    """
    reading = Reading(run / "audit.jsonl")
    start = next(reading.records(), {})
    if reading.verdict is Verdict.UNSUPPORTED:
        raise TrailError(reading.why)
    with open_regular(run / "audit.jsonl") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(max(size - TAIL, 0))
        lines = file.read().split(b"\n")
    if not start or lines.pop():
        return start, 0, ""
    last = 0
    for line in reversed(lines):
        record = _record(line)
        last = last or record.get("m", 0)
        if record.get("k") == "run.end":
            return start, last, str(record["result"])
        if record.get("k") not in AFTER_END:
            break
    return start, last, ""


def _record(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


class Wanted(Struct, frozen=True):
    """Which runs a list names; what is None or empty lets all through."""

    runbook: str | None = None
    """Part of a title or path, or a pattern with * and ?."""
    host: str | None = None
    operator: str | None = None
    result: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    """Stands in what hosts printed, or in the trail."""

    def has(self, run: Path, found: dict[str, Any]) -> bool:
        """Tell whether a run is wanted; `found` is what `about` says of it."""
        return (
            _matches(self.runbook, [found["title"], found.get("runbook", "")])
            and (self.result is None or found["status"] == self.result)
            and self._in_time(found)
            and (self.operator is None or _matches(self.operator, _operators(run)))
            and (self.host is None or _matches(self.host, _hosts(run), whole=True))
            and (self.text is None or _printed(run, self.text))
        )

    def _in_time(self, found: dict[str, Any]) -> bool:
        if self.since is None and self.until is None:
            return True
        began = when(found.get("began", ""))
        if began is None:
            return False
        return (self.since is None or began >= self.since) and (self.until is None or began < self.until)


def when(text: str) -> datetime | None:
    """Return a record's wall clock; None for what is none."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def day(text: str, *, end: bool = False) -> datetime:
    """Return the moment that a person names: `2026-11-20`, `2026-11-20T22:30` (local), or `7d` ago.

    `end`: of a bare day its end, so that it is included. Raises UsageError for anything else.
    """
    if found := _AGO.fullmatch(text):
        try:
            return datetime.now(UTC) - int(found[1]) * _UNITS[found[2]]
        except OverflowError:
            return datetime.min.replace(tzinfo=UTC)
    try:
        moment = datetime.fromisoformat(text)
        bare = len(text) == len("2026-11-20")
        return (moment + timedelta(days=1 if end and bare else 0)).astimezone()
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"{clean_line(text)!r} is no date", "Write 2026-11-20, 2026-11-20T22:30, or 12h, 7d, 4w for ago."
        ) from None


def _matches(wanted: str | None, found: list[str], *, whole: bool = False) -> bool:
    if wanted is None:
        return True
    if any(sign in wanted for sign in "*?"):
        return any(fnmatchcase(one, wanted) for one in found)
    return wanted in found if whole else any(wanted.lower() in one.lower() for one in found)


def _operators(run: Path) -> list[str]:
    from gonogo.report.collect import read_summary

    try:
        return list(read_summary(run, ends=False).operators)
    except GonogoError:
        return []


def _hosts(run: Path) -> list[str]:
    try:
        return [clean_line(host) for host in load_plan(run).hosts if host != LOCALHOST]
    except GonogoError:
        return []


def _printed(run: Path, text: str) -> bool:
    wanted = text.encode("utf-8", "surrogateescape")
    return any(_in_output(path, wanted) for path in _output_files(run)) or _in_trail(run, text)


def _output_files(run: Path) -> Iterator[Path]:
    try:
        names = sorted(os.listdir(run / "output"))
    except OSError:
        return
    for name in names:
        if _OUTPUT.fullmatch(name):
            yield run / "output" / name.removesuffix(".gz")


def _in_output(path: Path, wanted: bytes) -> bool:
    """Look through one host's stream after the other, also where a text lies across two pieces of it."""
    ends: dict[tuple[str, str], bytes] = {}
    keep = len(wanted) - 1
    for chunk in chunks(path):
        key = chunk.host, chunk.stream
        data = ends.get(key, b"") + chunk.data
        if wanted in data:
            return True
        ends[key] = data[-keep:] if keep else b""
    return False


def _in_trail(run: Path, text: str) -> bool:
    try:
        records = Reading(run / "audit.jsonl").records()
        return any(
            text in value or text in clean(value)
            for record in records
            for key in ("excerpt", "text", "reason", "why", "question")
            if isinstance(value := record.get(key), str)
        )
    except GonogoError:
        return False
