"""What earlier runs of the same runbook tell about the next one: how long each step and batch takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from statistics import median_low
from typing import Any

from msgspec import Struct, field

from gonogo.errors import GonogoError
from gonogo.run.state import Record
from gonogo.run.words import DONE
from gonogo.trail.reader import Reading
from gonogo.trail.rundir import runs_directory

from .summary import Expected, Summary

RUNS = 10
"""Earlier runs that are learned from, the latest ones."""
SIZE = 32 << 20
"""Bytes of a trail that is still read: 5 s for all of them at worst."""
LOOKED = 5_000
"""Run directories whose first record is looked at."""


class Origin(Struct, frozen=True):
    """Which runbook a run is of. Clones have one repository, so that counts before the file's path."""

    runbook: str
    """Absolute path."""
    repository: str = ""
    path: str = ""
    """Within the repository."""
    digest: str = ""
    """SHA-256 of the document: the same text is the same runbook, wherever it lies."""

    @staticmethod
    def of(start: Mapping[str, Any]) -> Origin:
        """Read it from a `run.start` record, or from what one is going to hold."""
        git = start.get("git")
        git = git if isinstance(git, Mapping) else {}
        repository, path = (
            value if isinstance(value, str) else "" for value in (git.get("repository"), git.get("path"))
        )
        return Origin(str(start.get("runbook", "")), repository, path, _digest(start.get("sources")))

    def same(self, other: Origin) -> bool:
        """Tell whether both are the same runbook."""
        if self.digest and self.digest == other.digest:
            return True
        if self.path and self.repository and self.repository == other.repository:
            return self.path == other.path
        return bool(self.runbook) and self.runbook == other.runbook


def _digest(sources: Any) -> str:
    match sources:
        case [[str(), str(digest)], *_]:
            return digest
    return ""


class Learned(Struct, frozen=True):
    """Durations of steps and batches that were done, in nanoseconds."""

    runs: int = 0
    steps: Mapping[str, Expected] = field(default_factory=dict)
    """Step id -> its time out on hosts, in all batches."""
    batches: Mapping[tuple[str, int], Expected] = field(default_factory=dict)
    """Step id and batch (from 1)."""


def learned(origin: Origin, *, before: str = "", beside: Path | None = None) -> Learned:
    """Return what the latest runs of a runbook tell.

    They are looked for among the operator's own runs, in the folder `beside`, and in `runs/` beside the
    runbook, where committed ones lie. `before` is a moment (RFC 3339 UTC): only earlier runs count.
    """
    found = sorted(_of(origin, _runs(origin, beside), before), reverse=True)
    summaries: dict[str, Summary] = {}
    for _, run in found:
        if len(summaries) >= RUNS:
            break
        if (summary := _read(run)) is not None:
            summaries.setdefault(summary.run, summary)
    return _learned(summaries.values())


def before_run(run: Path) -> Learned:
    """Return what was known when a run began, from the earlier ones: for its screen and its report."""
    start = _first(run)
    if not start:
        return Learned()
    return learned(Origin.of(start), before=start["t"], beside=run.parent)


def _runs(origin: Origin, beside: Path | None) -> Iterator[Path]:
    folders = [runs_directory(), Path(origin.runbook).parent / "runs", *([beside] if beside else [])]
    seen: set[str] = set()
    for folder in folders:
        try:
            names = sorted((entry.name for entry in folder.iterdir()), reverse=True)[:LOOKED]
        except OSError:
            continue
        for name in names:
            if name not in seen:
                seen.add(name)
                yield folder / name


def _of(origin: Origin, runs: Iterable[Path], before: str) -> Iterator[tuple[str, Path]]:
    for run in runs:
        start = _first(run)
        if start and origin.same(Origin.of(start)) and (not before or start["t"] < before):
            yield start["t"], run


def _first(run: Path) -> Record:
    """Return a run's first record; an empty one when it can't be read."""
    try:
        return next(Reading(run / "audit.jsonl").records(), {})
    except (OSError, GonogoError):
        return {}


def _read(run: Path) -> Summary | None:
    from .collect import read_summary

    try:
        if (run / "audit.jsonl").stat().st_size > SIZE:
            return None
        return read_summary(run, ends=False)
    except (OSError, GonogoError):
        return None


def _learned(summaries: Iterable[Summary]) -> Learned:
    steps: dict[str, list[int]] = {}
    batches: dict[tuple[str, int], list[int]] = {}
    count = 0
    for summary in summaries:
        count += 1
        for step in summary.steps:
            if step.result in DONE and step.took:
                steps.setdefault(step.id, []).append(step.took)
            for batch in step.batches:
                if batch.result in DONE and batch.took:
                    batches.setdefault((step.id, batch.number), []).append(batch.took)
    return Learned(
        count,
        {name: _expected(taken) for name, taken in steps.items()},
        {name: _expected(taken) for name, taken in batches.items()},
    )


def _expected(taken: list[int]) -> Expected:
    return Expected(min(taken), median_low(taken), max(taken), len(taken))
