"""Packing and pruning runs. What is open, damaged or not sealed to its end is never touched by pruning."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from gonogo.errors import GonogoError, TrailError, UsageError
from gonogo.run.wire import is_live
from gonogo.text import clean_line, many
from gonogo.trail.pack import pack
from gonogo.trail.reader import Reading, Verdict
from gonogo.trail.rundir import check_directory, find_run, list_runs
from gonogo.trail.verify import verify_run

from .listing import about, when

LARGE = 50 << 20
"""Bytes of one file above which hosting sites for git warn."""


def pack_runs(names: tuple[str, ...]) -> Iterator[str]:
    """Pack the output of runs; yield a line for each, and a warning for what is still large."""
    for run in [find_run(name) for name in names]:
        reading = Reading(run / "audit.jsonl")
        for _ in reading.records():
            pass
        if reading.verdict is not Verdict.COMPLETE or is_live(run):
            raise UsageError(
                f"{clean_line(run.name)} is not over: {reading.verdict}",
                "Only runs that are over can be packed.",
            )
        check_directory(run / "output")
        done = pack(run)
        sizes = f"{_size(done.before)} to {_size(done.after)}" if done.files else "nothing to pack"
        yield f"{clean_line(run.name)}: {many(done.files, 'file')}, {sizes}"
        for path in sorted(run.rglob("*")):
            if path.is_file() and not path.is_symlink() and path.stat().st_size > LARGE:
                size = _size(path.stat().st_size)
                yield f"  warning: {clean_line(str(path.relative_to(run)))} has {size}: large for git"


def prune_runs(before: datetime, *, keep: int, output_only: bool, really: bool) -> Iterator[str]:
    """Delete runs that ended before a moment, but the latest of each runbook; yield what became of each."""
    kept: dict[str, int] = {}
    deleted = 0
    for run in reversed(list_runs()):
        found = about(run)
        book = found.get("runbook") or found["title"]
        kept[book] = kept.get(book, 0) + 1
        if kept[book] <= keep or not _ended_before(found, before):
            continue
        why = _why_not(run)
        if why:
            yield f"kept     {clean_line(run.name)}: {why}"
            continue
        deleted += 1
        what = "its output" if output_only else "all of it"
        if really:
            _delete(run / "output" if output_only else run)
        yield f"{'deleted' if really else 'would go'} {clean_line(run.name)}: {what}"
    if deleted and not really:
        yield f"nothing was deleted: add --yes to delete {deleted}"
    elif not deleted:
        yield "nothing to delete"


def _ended_before(found: dict[str, object], before: datetime) -> bool:
    began = when(str(found.get("began", "")))
    seconds = found.get("seconds", 0)
    if began is None or not isinstance(seconds, int | float):
        return False
    return began + timedelta(seconds=seconds) < before


def _why_not(run: Path) -> str:
    """Return why a run must stay; empty when it may go."""
    if run.is_symlink():
        return "it is a link"
    if is_live(run):
        return "it goes on"
    try:
        finding = verify_run(run)
    except GonogoError as error:
        return clean_line(error.what)
    if finding.verdict is not Verdict.COMPLETE:
        return f"its record is {finding.verdict}"
    return "" if finding.signed.sealed == finding.ended else "no seal covers its end"


def _delete(path: Path) -> None:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
    except OSError as error:
        raise TrailError(f"{clean_line(str(path))} cannot be deleted: {error.strerror}") from None


def _size(number: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "bytes" else f"{number:.1f} {unit}"
        number = number / 1000  # type: ignore[assignment]
    return f"{number:.1f} GB"
