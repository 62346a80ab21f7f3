"""Executors that steps name with `via`."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.format.checks.source import Source
from gonogo.format.model import Problem, Runbook, Severity
from gonogo.near import nearest
from gonogo.text import clean_line


def check_executors(runbook: Runbook, source: Source) -> Iterator[Problem]:
    """Yield a problem for each step whose executor is neither ours nor installed here."""
    named = [(above, step, step.options.via) for above, step in runbook.commands() if step.options.via]
    # Whoever names these only need not look for others, which takes 30 ms.
    if all(via in ("local", "ssh") for *_, via in named):
        return
    from gonogo.executors import names

    known = frozenset(names())
    severity = Severity.ERROR if runbook.ours else Severity.WARNING
    for above, step, via in named:
        if via not in known:
            near = nearest(via, known)
            mend = f"Did you mean {near!r}?" if near else "Install the package that brings it."
            place = source.key(step, above, "via")
            message = f"there is no executor {clean_line(via)!r}"
            yield Problem(place, severity, "unknown-executor", message, mend)
