"""What lies beside the trail, against the digests in it: the plan, the sources, what the hosts printed."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from gonogo.text import clean_line

from .output import LIMIT, Chunk, OutputReader, is_kept, open_regular, output_path, round_path
from .rundir import source_name

HOSTS_LIMIT = 200_000
"""Exits of one attempt that are held to be checked; what is more than that is said to be unchecked."""
SHOWN = 10
"""Findings that are told one by one; the rest are counted."""
_PIECE = 1 << 20
_PLAN_LIMIT = 512 << 20
"""5,000 hosts in 230 steps make 94 MB."""
_KEPT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
_NUMBER_LIMIT = 10**9
_Attempt = tuple[Callable[[Path, int, int], Path], int, int]
"""What makes the path of an attempt's output, and the two numbers that it takes."""
_MADE = ((round_path, "round", "test"), (output_path, "turn", "attempt"))


class Findings(Struct):
    """What is wrong, and what is only worth saying."""

    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    more: int = 0
    """How many things are wrong beyond those told."""

    def add(self, text: str) -> None:
        """Tell that something is not what the trail says."""
        if len(self.wrong) < SHOWN:
            self.wrong.append(text)
        else:
            self.more += 1

    def note(self, text: str) -> None:
        """Tell something that proves nothing wrong."""
        if len(self.notes) < SHOWN and text not in self.notes:
            self.notes.append(text)


def read_document(run: Path, name: str) -> bytes:
    """Return a file of `runbook/`; raise OSError when there is none such, ValueError when it is too large."""
    if not _KEPT_NAME.fullmatch(name):
        raise ValueError("no such name is made")
    with open_regular(run / "runbook" / name) as file:
        data = file.read(_PLAN_LIMIT + 1)
    if len(data) > _PLAN_LIMIT:
        raise ValueError("it is too large")
    return data


def signers_of(run: Path) -> Path | None:
    """Return the allowed_signers that a run's directory keeps, as its plan names it; None for none."""
    import msgspec

    class Named(msgspec.Struct):
        signers: str | None = None

    try:
        name = msgspec.json.decode(read_document(run, "plan.json"), type=Named).signers
    except (OSError, ValueError, RecursionError):
        return None
    return run / "runbook" / name if name and _KEPT_NAME.fullmatch(name) else None


def check_documents(run: Path, start: dict[str, Any], revisions: dict[str, str], findings: Findings) -> None:
    """Compare `runbook/` with the digests in `run.start`, and in `plan.change` for later plans."""
    folder = run / "runbook"
    expected: dict[str, Any] = {"plan.json": start.get("plan"), **revisions}
    sources = start.get("sources")
    for number, source in enumerate(sources if isinstance(sources, list) else [], 1):
        match source:
            case [str(path), str(digest)]:
                expected[source_name(number, path)] = digest
            case _:
                findings.add(f"source {number} in run.start is no path with its digest")
    for name, digest in expected.items():
        if digest is not None and (why := _differs(folder / name, digest)):
            findings.add(f"runbook/{name} {why}")
    for name in _names(folder):
        if name not in expected:
            findings.note(f"runbook/{clean_line(name)} is no part of the trail")


def _differs(path: Path, digest: str) -> str:
    """Return why a file is not the one with this digest, or empty."""
    found = hashlib.sha256()
    try:
        with open_regular(path) as file:
            while piece := file.read(_PIECE):
                found.update(piece)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return "" if found.hexdigest() == digest else "is not the one that ran: its digest differs"


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry, _ in zip(entries, range(10_000), strict=False))
    except OSError:
        return []


class OutputCheck:
    """Compares the output of each attempt with its `host.exit` or `test.exit` records, once it is over."""

    def __init__(self, run: Path, findings: Findings) -> None:
        self._run, self._findings = run, findings
        self._exits: dict[_Attempt, dict[str, _Exit]] = {}
        self._held = 0
        self._done: set[Path] = set()
        self._pruned = 0

    def record(self, record: dict[str, Any]) -> None:
        """Take a record in; others than exits, gaps and ends of attempts are none of its business."""
        kind = record["k"]
        if kind in ("host.exit", "test.exit"):
            self._exit(record)
        elif kind == "gap" and isinstance(kept := record.get("kept"), str):
            attempt = _attempt(record)
            found = self._exits.get(attempt, {}).get(str(record.get("host"))) if attempt else None
            if found is not None:
                found.kept = kept
        elif kind in ("round.end", "step.plan", "run.end", "test.result", "test.end"):
            self.finish()

    def finish(self) -> None:
        """Check the attempts that were taken in."""
        for (made, *numbers), exits in self._exits.items():
            path = made(self._run, *numbers)
            if path in self._done:
                self._findings.note(f"output/{path.name} was checked before all its exits were recorded")
            else:
                self._done.add(path)
                self._check(path, exits)
        self._exits.clear()
        self._held = 0

    def close(self) -> None:
        """Check what is left, and tell what was pruned."""
        self.finish()
        if self._pruned:
            self._findings.note(f"{self._pruned} output files are not here any more: not checked")

    def _exit(self, record: dict[str, Any]) -> None:
        attempt, host, digest = _attempt(record), record.get("host"), record.get("digest")
        if attempt is None or not isinstance(host, str) or not isinstance(digest, str):
            return
        if self._held >= HOSTS_LIMIT:
            self._findings.note(f"more than {HOSTS_LIMIT} exits in one attempt: the rest is not checked")
            return
        self._held += 1
        sizes = [record.get(key) for key in ("out", "err")]
        whole = all(isinstance(size, int) and size <= LIMIT for size in sizes)
        self._exits.setdefault(attempt, {})[host] = _Exit(record["n"], digest if whole else "", any(sizes))

    def _check(self, path: Path, exits: dict[str, _Exit]) -> None:
        if not is_kept(path):
            self._pruned += any(one.printed for one in exits.values())
            return
        reader = OutputReader(path)
        strangers = 0
        for chunk in reader.more(limit=1 << 62):
            found = exits.get(chunk.host)
            if found is None:
                strangers += 1
            else:
                found.printed_more(chunk)
        for host, one in exits.items():
            if one.kept and one.kept != one.found():
                said = f"what {clean_line(host)} printed is not what record {one.number} says"
                self._findings.add(f"output/{path.name}: {said}")
        unchecked = sum(not one.kept for one in exits.values())
        if unchecked:
            self._findings.note(
                f"output/{path.name}: {unchecked} hosts printed more than is kept: not checked"
            )
        if strangers:
            self._findings.note(f"output/{path.name} holds output of hosts that have no exit in the trail")
        if not reader.whole:
            self._findings.note(f"output/{path.name} cannot be read behind byte {reader.offset}")


class _Exit:
    """One host's exit, and the digests of what is stored of it."""

    __slots__ = ("_streams", "kept", "number", "printed")

    def __init__(self, number: int, kept: str, printed: bool) -> None:
        self.number, self.kept, self.printed = number, kept, printed
        self._streams: dict[str, Any] = {}

    def printed_more(self, chunk: Chunk) -> None:
        """Take in a piece of its output."""
        if chunk.stream not in self._streams:
            self._streams[chunk.stream] = hashlib.sha256()
        self._streams[chunk.stream].update(chunk.data)

    def found(self) -> str:
        """Return the digest of what was taken in."""
        ends = (self._streams.get(stream) or hashlib.sha256() for stream in "oe")
        return hashlib.sha256(b"".join(one.digest() for one in ends)).hexdigest()


def _attempt(record: dict[str, Any]) -> _Attempt | None:
    """Return what names the output of a record's attempt; None for a record of no attempt."""
    for made, first, second in _MADE:
        one, two = record.get(first), record.get(second)
        if type(one) is int and type(two) is int and 0 <= one < _NUMBER_LIMIT and 0 <= two < _NUMBER_LIMIT:
            return made, one, two
    return None
