"""The page's smaller parts: head, what went wrong, outages, decisions, notes, what ran, how it is proved."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gonogo.report.markup import Markup, join, tag
from gonogo.report.names import named
from gonogo.report.outputs import span
from gonogo.report.phrases import (
    answer_text,
    failing,
    headline,
    outage_text,
    outages_in_all,
    outcome,
    place,
    result_word,
    still_away,
)
from gonogo.report.summary import Decided, Summary
from gonogo.report.times import clock, day_and_time, zone
from gonogo.report.watched import alarms
from gonogo.text import many

from .tones import badge, tone

SHOWN = 1_500
"""Entries of one list."""


def head(summary: Summary) -> Iterator[Markup]:
    """Yield title, result and the facts."""
    kind = {"ok": "b-ok", "bad": "b-bad"}.get(tone(summary.result), "b-none")
    title = tag("div", tag("h1", summary.title), tag("p", f"{headline(summary)}.", cls="soft"))
    yield tag("div", title, tag("span", result_word(summary), cls=f"badge big {kind}"), cls="head")
    if summary.damage:
        words = f"The record cannot be trusted to its end: {summary.damage}"
        yield tag("div", tag("strong", words), cls="card alarm")
    facts = {
        "Began": day_and_time(summary.began.utc),
        "Ended" if summary.result != "open" else "Last heard of": day_and_time(summary.ended.utc),
        "Took": span(summary.took),
        "Operator": ", then ".join(summary.operators),
        "Hosts": f"{len(summary.hosts):,}",
        "Record": _verdict(summary),
    }
    rows = [tag("div", tag("dt", name), tag("dd", value)) for name, value in facts.items()]
    yield tag("dl", rows, cls="facts")


def _verdict(summary: Summary) -> str:
    if summary.trust is None:
        return "not checked"
    sealed = "not sealed" if summary.trust.sealed is None else f"sealed through {summary.trust.sealed:,}"
    return f"{summary.trust.verdict}, {sealed}"


def wrong(summary: Summary) -> Iterator[Markup]:
    """Yield what went wrong, each with a link to its step, and where the run departs from its runbook."""
    items = []
    for number, (step, batch, attempt) in enumerate(failing(summary)):
        if number >= 100:
            items.append(tag("li", "… and more, told with the steps"))
            break
        hosts = named(tuple(host for group in attempt.failed for host in group.hosts))
        where = f", batch {batch}" if len(step.batches) > 1 else ""
        name = tag("a", place(step), href=f"#step-{step.number}") if step.number else place(step)
        words = f"{where}: {hosts} failed; {outcome(step, attempt)}"
        items.append(tag("li", tag("span", f"{clock(attempt.began)} ", cls="soft num"), name, words))
    if summary.left_out:
        items.append(tag("li", f"Left out: {named(tuple(summary.left_out))}"))
    items += [tag("li", words) for words in still_away(summary)]
    items += [tag("li", words) for words in alarms(summary.watched, summary.rounds)]
    if items:
        yield tag("h2", "What went wrong")
        yield tag("div", tag("ul", items), cls="card alarm")
    if summary.deviations:
        yield tag("h2", "Where the run departs from the runbook")
        yield tag("div", tag("ul", _deviations(summary)), cls="card")


def _deviations(summary: Summary) -> Iterator[Markup]:
    for one in summary.deviations[:SHOWN]:
        hosts = f" on {named(one.hosts)}" if one.hosts else ""
        when = tag("span", f"{clock(one.when)} ", cls="soft num")
        yield tag("li", when, tag("strong", one.what), f" in {one.step}{hosts}, by {one.by}: {one.reason}")


def outages(summary: Summary) -> Iterator[Markup]:
    """Yield how long each service was away."""
    if not summary.outages:
        return
    yield tag("h2", "Outages")
    names = ("Service", f"Stopped at ({zone(summary.began)})", "Back at", "Away for")
    rows = [tag("tr", [tag("th", name) for name in names])]
    for one in summary.outages[:SHOWN]:
        back = clock(one.ended) if one.ended else "not yet"
        cells = (one.service, clock(one.began), back, outage_text(one))
        rows.append(tag("tr", [tag("td", cell, cls="num") for cell in cells]))
    for name, length in outages_in_all(summary).items():
        rows.append(tag("tr", tag("td", name), tag("td", "in all", colspan=2), tag("td", length, cls="num")))
    yield tag("div", tag("table", rows), cls="card scroll")


def decisions(summary: Summary) -> Iterator[Markup]:
    """Yield every question with its evidence, its answer and the reason."""
    if not summary.decisions:
        return
    yield tag("h2", "Decisions")
    for one in summary.decisions[:SHOWN]:
        yield _decision(one)
    if len(summary.decisions) > SHOWN:
        yield tag("p", f"… and {len(summary.decisions) - SHOWN} more.", cls="soft")


def _decision(one: Decided) -> Markup:
    evidence = [tag("div", line, cls="soft small") for line in one.evidence]
    said = [badge(answer_text(one) if one.answer else "no answer")] if one.at != "wait" or one.answer else []
    words = []
    if one.by:
        words.append(f" {one.by}")
    if one.waited >= 10**9:
        words.append(f" after {span(one.waited)}")
    if one.approved:
        words.append(f"; approved by {', '.join(one.approved)}")
    reason = [tag("div", one.reason, cls="why")] if one.reason else []
    answer = tag("div", said, tag("span", "".join(words), cls="soft small"))
    body = tag("div", tag("div", one.question), evidence, answer, reason)
    return tag("div", tag("div", clock(one.asked), cls="soft num small"), body, cls="decision")


def notes(summary: Summary) -> Iterator[Markup]:
    """Yield notes and what else happened."""
    if summary.notes:
        yield tag("h2", "Notes")
    for one in summary.notes[:SHOWN]:
        label = f"{one.by}{f' · {one.tag}' if one.tag else ''}{f' · {one.step}' if one.step else ''}"
        link = [tag("p", _link(one.link))] if one.link else []
        body = tag("div", tag("div", label, cls="soft small"), tag("div", one.text, cls="why"), link)
        yield tag("div", tag("div", clock(one.when), cls="soft num small"), body, cls="decision")
    if summary.events:
        yield tag("h2", "What else happened")
        items = (
            tag("li", tag("span", f"{clock(one.when)} ", cls="soft num"), one.text)
            for one in summary.events[:SHOWN]
        )
        yield tag("ul", list(items))


def _link(address: str) -> Markup:
    """Return a link only for what a browser opens as a page; anything else stays text."""
    if re.fullmatch(r"https?://[^\s<>\"']+", address):
        return tag("a", address, href=address, rel="noreferrer noopener")
    return join(address)


def proof(summary: Summary) -> Iterator[Markup]:
    """Yield what ran and what the record is worth."""
    yield tag("h2", "What ran, and how it is proved")
    items = [tag("li", line) for line in summary.origin]
    items += [tag("li", f"{name} = {value}") for name, value in summary.inputs.items()]
    for path, digest in list(summary.sources.items())[:100]:
        items.append(tag("li", f"{path}, SHA-256 ", tag("code", digest)))
    if trust := summary.trust:
        why = f": {trust.why}" if trust.why else ""
        items.append(tag("li", f"the record is {trust.verdict}{why}: {many(trust.records, 'record')}"))
        items.append(tag("li", "its last hash is ", tag("code", trust.head)))
        items += [tag("li", f"signed by {name}") for name in trust.signed_by]
        items += [tag("li", note) for note in trust.notes]
    yield tag("ul", items, cls="small")
    yield tag("footer", f"gonogo {summary.tool} · run {summary.run} · check it with `gonogo verify`")
