"""The report for machines. docs/report.schema.json says what is in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from gonogo.report.summary import (
    Attempt,
    Batch,
    Decided,
    Expected,
    Group,
    Round,
    StepSummary,
    Summary,
    Trust,
    Watched,
    When,
)
from gonogo.run.monitors import thresholds

FORMAT = "gonogo-report/1"
AT_ONCE = 10_000
"""Words that are handed on together: some 100 KB."""


def render(summary: Summary) -> Iterator[str]:
    """Yield the report as one JSON object."""
    words = json.JSONEncoder(indent=1).iterencode(as_object(summary))
    while piece := "".join(islice(words, AT_ONCE)):
        yield piece
    yield "\n"


def as_object(summary: Summary) -> dict[str, Any]:
    """Return the report as plain values. Moments are RFC 3339 UTC, durations are seconds."""
    return {
        "format": FORMAT,
        "run": summary.run,
        "title": summary.title,
        "runbook": summary.runbook,
        "result": summary.result,
        "gonogo": summary.tool,
        "operators": list(summary.operators),
        "began": summary.began.utc,
        "ended": summary.ended.utc,
        "seconds": seconds(summary.took),
        "waited_seconds": seconds(summary.waited),
        "commit": summary.commit,
        "origin": list(summary.origin),
        "sources": dict(summary.sources),
        "inputs": dict(summary.inputs),
        "hosts": list(summary.hosts),
        "left_out": dict(summary.left_out),
        "verified": _trust(summary.trust),
        "damage": summary.damage,
        "steps": [_step(step, summary.expected.get(step.id)) for step in summary.steps],
        **_told(summary),
    }


def seconds(nanoseconds: int) -> float:
    """Return seconds to the millisecond."""
    return round(nanoseconds / 1e9, 3)


def _told(summary: Summary) -> dict[str, Any]:
    return {
        "decisions": [_decision(one) for one in summary.decisions],
        "outages": [
            {
                "service": one.service,
                **_span(one.began, one.ended),
                "seconds": seconds(one.ended.ns - one.began.ns) if one.ended else None,
            }
            for one in summary.outages
        ],
        "deviations": [
            {
                "at": one.when.utc,
                "what": one.what,
                "step": one.step,
                "by": one.by,
                "reason": one.reason,
                "hosts": list(one.hosts),
            }
            for one in summary.deviations
        ],
        "notes": [
            {
                "at": one.when.utc,
                "by": one.by,
                "text": one.text,
                "step": one.step,
                "tag": one.tag,
                "link": one.link,
            }
            for one in summary.notes
        ],
        "events": [{"at": one.when.utc, "kind": one.kind, "text": one.text} for one in summary.events],
        "monitors": [_watched(one) for one in summary.watched],
        "tests": [_round(one) for one in summary.rounds],
    }


def _watched(one: Watched) -> dict[str, Any]:
    series, last = one.series, one.series.last
    return {
        "name": one.name,
        "hosts": one.where,
        "every": one.every,
        "unit": one.unit,
        "limits": {words.replace(" ", "-"): value for value, words, _ in thresholds(one.limits)},
        "samples": series.count,
        "without_number": series.failing,
        "rang": series.rang,
        "least": series.least,
        "most": series.most,
        "last": last.value if last else None,
        "level": series.level.value,
        "course": [
            {
                "began": seconds(bucket.begin),
                "ended": seconds(bucket.end),
                "least": bucket.least,
                "most": bucket.most,
                "level": bucket.level.value,
                "samples": bucket.count,
            }
            for bucket in series.buckets
        ],
    }


def _round(one: Round) -> dict[str, Any]:
    return {
        "round": one.number,
        "by": one.by,
        "began": one.began.utc,
        "seconds": None if one.took is None else seconds(one.took),
        "against": one.against,
        "told": one.told,
        "broken": one.broken,
        "results": [
            {
                "id": test.id,
                "title": test.title,
                "passed": test.passed,
                "compared": test.compared,
                "difference": test.difference,
                "counts": dict(test.counts),
                "failed": [{"host": host, "why": why} for host, why in test.failed],
                "text": test.text,
            }
            for test in one.results
        ],
    }


def _step(step: StepSummary, expected: Expected | None) -> dict[str, Any]:
    hosts: dict[str, list[str]] = {}
    for name, end in step.ends().items():
        hosts.setdefault(end.state, []).append(name)
    return {
        "number": step.number,
        "id": step.id,
        "title": step.title,
        "sections": list(step.sections),
        "kind": step.kind,
        "result": step.result,
        "script": step.script,
        "edited": step.edited,
        **_span(step.began, step.ended),
        "seconds": seconds(step.took),
        "expected": _expected(expected),
        "hosts": hosts,
        "batches": [_batch(batch) for batch in step.batches],
    }


def _expected(found: Expected | None) -> dict[str, Any] | None:
    if found is None:
        return None
    words = {"least": found.least, "usual": found.usual, "most": found.most}
    return {**{word: seconds(value) for word, value in words.items()}, "runs": found.runs}


def _batch(batch: Batch) -> dict[str, Any]:
    return {
        "number": batch.number,
        "result": batch.result,
        "seconds": seconds(batch.took),
        "attempts": [_attempt(attempt) for attempt in batch.attempts],
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "phase": attempt.phase,
        **_span(attempt.began, attempt.ended),
        "counts": dict(attempt.counts),
        "failed": _groups(attempt.failed),
        "printed": _groups(attempt.printed),
        "more_groups": attempt.more,
    }


def _groups(groups: Iterable[Group]) -> list[dict[str, Any]]:
    return [
        {
            "state": one.state,
            "why": one.why,
            "hosts": list(one.hosts),
            "text": one.text,
            "lines": one.lines,
        }
        for one in groups
    ]


def _decision(one: Decided) -> dict[str, Any]:
    return {
        "asked": one.asked.utc,
        "answered": one.answered.utc if one.answered else None,
        "waited_seconds": seconds(one.waited),
        "gate": one.at,
        "step": one.step,
        "question": one.question,
        "evidence": list(one.evidence),
        "answer": one.answer,
        "by": one.by,
        "reason": one.reason,
        "value": one.value,
        "hosts": list(one.hosts),
        "approved_by": list(one.approved),
    }


def _trust(trust: Trust | None) -> dict[str, Any] | None:
    if trust is None:
        return None
    return {
        "verdict": trust.verdict,
        "why": trust.why,
        "records": trust.records,
        "head": trust.head,
        "sealed": trust.sealed,
        "seals": trust.seals,
        "signed_by": list(trust.signed_by),
        "notes": list(trust.notes),
    }


def _span(began: When | None, ended: When | None) -> dict[str, str | None]:
    return {"began": began.utc if began else None, "ended": ended.utc if ended else None}
