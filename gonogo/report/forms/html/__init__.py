"""The report as one page: no script, nothing fetched, good on a phone and on paper."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.report.markup import Markup, doctype, join, stylesheet, tag
from gonogo.report.phrases import result_word
from gonogo.report.summary import Summary

from .matrix import matrix
from .parts import decisions, head, notes, outages, proof, wrong
from .steps import Budget, steps
from .style import CSS
from .timeline import timeline
from .watched import monitors, tests

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""What a browser may do for the page: draw it."""


def render(summary: Summary) -> Iterator[str]:
    """Yield the page in pieces."""
    budget = Budget()
    body = [
        *head(summary),
        *wrong(summary),
        *timeline(summary),
        *outages(summary),
        *monitors(summary),
        *tests(summary),
        *steps(summary, budget),
        *decisions(summary),
        *matrix(summary),
        *notes(summary),
        *proof(summary),
    ]
    yield page(f"{summary.title}: {result_word(summary)}", body)


def page(title: str, body: list[Markup]) -> str:
    """Return a whole page around its body."""
    meta = [
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name_="referrer", content="no-referrer"),
        tag("title", title),
        stylesheet(CSS),
    ]
    return join(doctype(), tag("html", tag("head", meta), tag("body", tag("main", body)), lang="en"), "\n")
