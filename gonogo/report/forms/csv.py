"""A row for each host and step, for spreadsheets and databases."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from gonogo.report.summary import HostEnd, StepSummary, Summary

COLUMNS = (
    "run", "number", "step", "title", "batch", "host", "state", "attempt", "exit_code",
    "began_seconds", "took_seconds", "out_bytes", "err_bytes", "why",
)  # fmt: skip
"""`began_seconds` counts from the run's begin."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render(summary: Summary) -> Iterator[str]:
    """Yield the table, its head first."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for step in summary.steps:
        for row in _rows(summary, step):
            writer.writerow(row)
        yield held.getvalue()
        held.seek(0)
        held.truncate()
    yield held.getvalue()


def _rows(summary: Summary, step: StepSummary) -> Iterator[list[str | int]]:
    for batch in step.batches:
        first: list[str | int] = [
            _cell(summary.run),
            step.number,
            _cell(step.id),
            _cell(step.title),
            batch.number,
        ]
        for host, end in batch.hosts.items():
            yield [*first, _cell(host), *_end(end)]


def _end(end: HostEnd) -> list[str | int]:
    took = end.ended - end.began if end.began is not None and end.ended is not None else None
    return [
        _cell(end.state),
        end.attempt,
        "" if end.code is None else end.code,
        "" if end.began is None else f"{end.began / 1e9:.3f}",
        "" if took is None or took < 0 else f"{took / 1e9:.3f}",
        end.out,
        end.err,
        _cell(end.why),
    ]


def _cell(text: str) -> str:
    """A spreadsheet would run a text that begins like a formula: an apostrophe keeps it a text."""
    return f"'{text}" if text.startswith(_FORMULA) else text
