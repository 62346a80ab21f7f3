"""The report as Markdown: the first draft of a post-mortem or a change note. People fill in the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gonogo.report.lookouts import limits_text
from gonogo.report.names import named
from gonogo.report.outputs import beginning, span
from gonogo.report.phrases import (
    answer_text,
    counts_of,
    expected_text,
    failing,
    group_head,
    headline,
    oddness,
    outage_text,
    outages_in_all,
    outcome,
    result_word,
    still_away,
    took,
)
from gonogo.report.summary import Attempt, StepSummary, Summary
from gonogo.report.times import clock, day_and_time, zone
from gonogo.report.watched import alarms, course_text, differences, spark, verdict

FAILURES = 60
"""Failed attempts that are told one by one."""
ODD = 60
"""Steps whose odd outputs are told."""
ROWS = 2_000
"""Rows of one table."""
LINES = 30
"""Lines of one output."""
ROUNDS = 12
"""Rounds of tests that have a column: the last ones."""
# Within a line only these begin markup: brackets a link's second part, underscores at a word's edge.
_SPECIAL = re.compile(r"[\\`*<|~]|\](?=[(\[:])|(?<!\w)_|_(?!\w)|&(?=#?\w+;)")
_BEGINS = re.compile(r"^(\s*\d*)([#+=>.)-])")
"""What begins a list, a heading or a quotation at a line's begin."""


def render(summary: Summary) -> Iterator[str]:
    """Yield the document, part by part."""
    for part in (
        _head, _wrong, _deviations, _outages, _monitors, _tests, _line, _decisions, _failures, _odd,
        _notes, _lessons, _sources,
    ):  # fmt: skip
        lines = list(part(summary))
        if lines:
            yield "\n".join(lines) + "\n\n"


def _head(summary: Summary) -> Iterator[str]:
    yield f"# {plain(summary.title)}: {result_word(summary)}"
    yield ""
    yield f"{plain(headline(summary))}."
    yield ""
    yield f"- Began: {day_and_time(summary.began.utc)}"
    yield f"- Ended: {day_and_time(summary.ended.utc)}"
    yield f"- Operator: {plain(', then '.join(summary.operators))}"
    yield from (f"- {plain(line)}" for line in summary.origin)
    if summary.trust:
        why = f" ({summary.trust.why})" if summary.trust.why else ""
        sealed = "not sealed" if summary.trust.sealed is None else f"sealed through {summary.trust.sealed}"
        yield f"- Record: {plain(summary.trust.verdict + why)}, {summary.trust.records} records, {sealed}"
    if summary.damage:
        yield f"- **The record cannot be trusted to its end:** {plain(summary.damage)}"
    yield f"- Run: {plain(summary.run)}"


def _wrong(summary: Summary) -> Iterator[str]:
    """What went wrong, each with the link to where it is told."""
    yield "## What went wrong"
    yield ""
    told = False
    for number, (step, batch, attempt) in enumerate(failing(summary), 1):
        told = True
        if number > FAILURES:
            yield "- … and more: `--to json` has them all"
            break
        hosts = named(tuple(host for group in attempt.failed for host in group.hosts))
        where = f", batch {batch}" if len(step.batches) > 1 else ""
        link = f"[{_place(step)}](#failure-{number})"
        end = plain(outcome(step, attempt))
        yield f"- {clock(attempt.began)} {link}{where}: {plain(hosts)} failed; {end}"
    if summary.left_out:
        told = True
        yield f"- Left out: {plain(named(tuple(summary.left_out)))}"
    for words in (*still_away(summary), *alarms(summary.watched, summary.rounds)):
        told = True
        yield f"- {plain(words)}"
    if not told:
        yield "Nothing failed."


def _deviations(summary: Summary) -> Iterator[str]:
    if summary.deviations:
        yield "## Where the run departs from the runbook"
        yield ""
    for one in summary.deviations[:ROWS]:
        hosts = f" on {named(one.hosts)}" if one.hosts else ""
        where = f"{plain(one.step)}{plain(hosts)}, by {plain(one.by)}"
        yield f"- {clock(one.when)} **{plain(one.what)}** in {where}: {plain(one.reason)}"


def _outages(summary: Summary) -> Iterator[str]:
    if not summary.outages:
        return
    yield "## Outages"
    yield ""
    yield f"| Service | Stopped at ({zone(summary.began)}) | Back at | Away for |"
    yield "| --- | --- | --- | --- |"
    for one in summary.outages[:ROWS]:
        back = clock(one.ended) if one.ended else "not yet"
        yield f"| {plain(one.service)} | {clock(one.began)} | {back} | {outage_text(one)} |"
    for name, length in outages_in_all(summary).items():
        yield f"| {plain(name)} | in all | | {length} |"


def _monitors(summary: Summary) -> Iterator[str]:
    """Each course as a line of blocks."""
    if not summary.watched:
        return
    yield "## Monitors"
    yield ""
    yield "| Monitor | Course | Numbers | Limits |"
    yield "| --- | --- | --- | --- |"
    for one in summary.watched[:ROWS]:
        name = f"{plain(one.name)} on {plain(one.where)}"
        limits = plain(limits_text(one.limits, one.unit))
        yield f"| {name} | `{spark(one)}` | {plain(course_text(one))} | {limits} |"


def _tests(summary: Summary) -> Iterator[str]:
    """Rounds from left to right; what differs stands under the table."""
    if not summary.rounds:
        return
    shown = summary.rounds[-ROUNDS:]
    yield "## Tests"
    yield ""
    yield f"| Test | {' | '.join(f'Round {one.number}' for one in shown)} |"
    yield f"| --- |{' --- |' * len(shown)}"
    known = [{test.id: test for test in one.results} for one in shown]
    for name, title in dict.fromkeys((test.id, test.title) for one in shown for test in one.results):
        cells = [verdict(found[name]) if name in found else "–" for found in known]
        yield f"| {plain(title)} | {' | '.join(cells)} |"
    yield ""
    for one in shown:
        yield f"- {clock(one.began)} by {plain(one.by)}: {plain(one.told)}"
        for test in one.results:
            if words := differences(test):
                yield f"  - {plain(test.title)}: {plain(words)}"


def _line(summary: Summary) -> Iterator[str]:
    yield "## Steps"
    yield ""
    expected = bool(summary.expected)
    yield f"| Began | Step | Result | Hosts | Took |{' Earlier runs |' if expected else ''}"
    yield f"| --- | --- | --- | --- | --- |{' --- |' if expected else ''}"
    for step in summary.steps[:ROWS]:
        began = clock(step.began) if step.began else ""
        earlier = f" {expected_text(summary.expected.get(step.id))} |" if expected else ""
        time = took(step) if step.took else ""
        yield f"| {began} | {_place(step)} | {step.result} | {counts_of(step)} | {time} |{earlier}"
    if len(summary.steps) > ROWS:
        yield f"\n… {len(summary.steps) - ROWS} more steps."


def _decisions(summary: Summary) -> Iterator[str]:
    if not summary.decisions:
        return
    yield "## Decisions"
    yield ""
    for one in summary.decisions[:ROWS]:
        reason = f": {plain(one.reason)}" if one.reason else ""
        approved = f"; approved by {plain(', '.join(one.approved))}" if one.approved else ""
        waited = f" after {span(one.waited)}" if one.waited >= 10**9 else ""
        by = f" by {plain(one.by)}" if one.by else ""
        answer = f"**{plain(answer_text(one))}**{by}{waited}{approved}{reason}"
        yield f"- {clock(one.asked)} {plain(one.question)} {answer}"
        yield from (f"  - {plain(line)}" for line in one.evidence)


def _failures(summary: Summary) -> Iterator[str]:
    found = list(failing(summary))
    if found:
        yield "## Failures"
        yield ""
    for number, (step, batch, attempt) in enumerate(found[:FAILURES], 1):
        where = f", batch {batch}" if len(step.batches) > 1 else ""
        yield f'<a id="failure-{number}"></a>'
        yield ""
        yield f"### {_place(step)}{where}, attempt {attempt.number} ({attempt.phase})"
        yield ""
        for group in attempt.failed:
            yield plain(group_head(group, named(group.hosts)))
            yield ""
            yield from fenced(group.text, number=group.lines)


def _odd(summary: Summary) -> Iterator[str]:
    """Outputs that differ from what most hosts printed."""
    found = [(step, one) for step in summary.steps for one in step.attempts if _stands_out(one)]
    if found:
        yield "## Output that stood out"
        yield ""
    for step, attempt in found[:ODD]:
        usual, *others = attempt.printed
        yield f"### {_place(step)}: {len(others) + 1} different outputs"
        yield ""
        yield f"{plain(named(usual.hosts))}:"
        yield ""
        yield from fenced(usual.text, number=usual.lines)
        for other in others:
            yield f"{plain(named(other.hosts))}:"
            yield ""
            yield from fenced("\n".join(oddness(usual, other)), "diff")


def _stands_out(attempt: Attempt) -> bool:
    return len(attempt.printed) > 1 and len(attempt.printed[0].hosts) > 1


def _notes(summary: Summary) -> Iterator[str]:
    if summary.notes:
        yield "## Notes"
        yield ""
    for one in summary.notes[:ROWS]:
        tag = f" ({plain(one.tag)})" if one.tag else ""
        link = f" <{one.link}>" if re.fullmatch(r"https?://[^\s<>]+", one.link) else ""
        yield f"- {clock(one.when)} {plain(one.by)}{tag}: {plain(' '.join(one.text.split()))}{link}"


def _lessons(summary: Summary) -> Iterator[str]:
    yield "## Lessons"
    yield ""
    for question in ("What went well?", "What did not, and why?", "Who changes what, until when?"):
        yield f"- {question}"


def _sources(summary: Summary) -> Iterator[str]:
    yield "## What ran"
    yield ""
    yield from (f"- {plain(path)}: SHA-256 {digest}" for path, digest in summary.sources.items())
    yield from (f"- {plain(name)} = {plain(value)}" for name, value in summary.inputs.items())


def fenced(text: str, language: str = "", number: int = 0) -> Iterator[str]:
    """Yield the first LINES of a text as a code block that nothing in it can end.

    `number` is how many lines all of it has, where the text is its beginning; else 0.
    """
    longest = max((len(found) for found in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}{language}"
    yield from beginning(text, number, LINES)
    yield fence
    yield ""


def _place(step: StepSummary) -> str:
    return f"{step.number or 'before'}. {plain(step.title)}"


def plain(text: str) -> str:
    """Return text on one line in which nothing is markup."""
    line = " ".join(text.splitlines())
    return _BEGINS.sub(r"\1\\\2", _SPECIAL.sub(r"\\\g<0>", line))
