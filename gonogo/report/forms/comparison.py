"""The forms of a comparison: lines for a terminal, Markdown, a page, data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gonogo.report.compare import Comparison, Pair
from gonogo.report.markup import Markup, tag
from gonogo.report.names import named
from gonogo.report.outputs import span
from gonogo.report.phrases import counts_of, once_failed, result_word
from gonogo.report.summary import StepSummary, Summary
from gonogo.report.times import day_and_time
from gonogo.report.watched import span_text
from gonogo.text import many

from .html import page
from .html.tones import badge
from .json import seconds
from .markdown import fenced, plain

FORMAT = "gonogo-comparison/1"


def text(found: Comparison) -> Iterator[str]:
    """Yield lines for a terminal."""
    for name, summary in zip("AB", (found.first, found.second), strict=True):
        yield f"{name}  {about(summary)}\n"
    yield from (f"   {line}\n" for line in facts(found))
    yield "\n"
    for pair in found.pairs:
        yield f"{pair.mark} {pair.title}  [{pair.id}]\n"
        if pair.only_in:
            yield f"    only in {'AB'[pair.only_in - 1]}: {_told(pair.first or pair.second)}\n"
        else:
            yield from _both(pair)
        yield from (f"    command  {line}\n" for line in pair.script)
        yield from (f"    output   {line}\n" for line in pair.output)


def _both(pair: Pair) -> Iterator[str]:
    one, two = pair.first, pair.second
    if one and two and _came_to(one) == _came_to(two):
        other = f" / {span(two.took)}{_change(pair)}" if two.took else ""
        yield f"    both {_told(one)}{other}\n"
    else:
        yield f"    A {_told(one)}\n    B {_told(two)}{_change(pair)}\n"


def _came_to(step: StepSummary) -> tuple[object, ...]:
    return step.result, step.counts(), len(step.batches), once_failed(step)


def markdown(found: Comparison) -> Iterator[str]:
    """Yield a document."""
    yield f"# {plain(found.second.title)}: two runs\n\n"
    for name, summary in zip("AB", (found.first, found.second), strict=True):
        yield f"- {name}: {plain(about(summary))}\n"
    yield from (f"- {plain(line)}\n" for line in facts(found))
    yield "\n| Step | A | B | Change |\n| --- | --- | --- | --- |\n"
    for pair in found.pairs:
        cells = [pair.title, _told(pair.first), _told(pair.second), _change(pair).strip()]
        yield f"| {' | '.join(map(plain, cells))} |\n"
    for pair in found.pairs:
        for what, lines in (("command", pair.script), ("output", pair.output)):
            if lines:
                yield f"\n## {plain(pair.title)}: {what}\n\n" + "\n".join(fenced("\n".join(lines), "diff"))


def html(found: Comparison) -> Iterator[str]:
    """Yield a page."""
    abouts = [
        tag("p", tag("strong", name), f" {about(summary)}")
        for name, summary in zip("AB", (found.first, found.second), strict=True)
    ]
    others = [tag("p", line, cls="soft small") for line in facts(found)]
    head = tag("tr", [tag("th", word) for word in ("Step", "A", "B", "Change")])
    rows = [head, *(row for pair in found.pairs for row in _rows(pair))]
    title = f"{found.second.title}: two runs"
    yield page(title, [tag("h1", title), *abouts, *others, tag("div", tag("table", rows), cls="card scroll")])


def data(found: Comparison) -> Iterator[str]:
    """Yield one JSON object."""
    yield json.dumps(_object(found), indent=1) + "\n"


def _rows(pair: Pair) -> Iterator[Markup]:
    cells = [_cell(pair.first), _cell(pair.second), tag("td", _change(pair).strip(), cls="num")]
    yield tag("tr", tag("td", pair.title), cells)
    for what, lines in (("command", pair.script), ("output", pair.output)):
        if lines:
            inside = [tag("span", what, cls="soft small"), tag("pre", "\n".join(lines))]
            yield tag("tr", tag("td", inside, colspan=4))


def _cell(step: StepSummary | None) -> Markup:
    if step is None:
        return tag("td", "–", cls="soft")
    return tag("td", badge(step.result), " ", tag("span", _hosts_and_time(step), cls="soft small num"))


def about(summary: Summary) -> str:
    """Return one line about a run: how it ended, how long it took, on what, when."""
    when = day_and_time(summary.began.utc)
    hosts = many(len(summary.hosts), "host")
    commit = f", commit {summary.commit[:12]}" if summary.commit else ""
    word = result_word(summary)
    return f"{word} in {span(summary.took)} on {hosts}, began {when}{commit}: {summary.run}"


def facts(found: Comparison) -> Iterator[str]:
    """Yield what else differs: inputs, hosts; or that the files were the same."""
    for name, (one, two) in found.inputs.items():
        yield f"input {name}: {'not there' if one is None else one} / {'not there' if two is None else two}"
    for name, hosts in zip("AB", found.hosts_only, strict=True):
        if hosts:
            yield f"only in {name}: {named(hosts)}"
    yield from _watched(found)
    if found.first.sources.values() and list(found.first.sources.values()) == list(
        found.second.sources.values()
    ):
        yield "both ran the same files, byte for byte"


def _watched(found: Comparison) -> Iterator[str]:
    """Yield what monitors and the last tests of both runs came to, where that differs."""
    one, two = ({watched.name: span_text(watched) for watched in run.watched} for run in _both_runs(found))
    for name in dict.fromkeys((*one, *two)):
        if one.get(name) != two.get(name):
            yield f"monitor {name}: {one.get(name, 'not there')} / {two.get(name, 'not there')}"
    last = [run.rounds[-1].told if run.rounds else "no tests" for run in _both_runs(found)]
    if last[0] != last[1]:
        yield " / ".join(last)


def _both_runs(found: Comparison) -> tuple[Summary, Summary]:
    return found.first, found.second


def _told(step: StepSummary | None) -> str:
    return f"{step.result}, {_hosts_and_time(step)}".rstrip(", ") if step else "–"


def _hosts_and_time(step: StepSummary) -> str:
    words = [counts_of(step)] if step.counts() else []
    words += [many(len(step.batches), "batch").replace("batchs", "batches")] if len(step.batches) > 1 else []
    words += [span(step.took)] if step.took else []
    words += [f"{failed} failed on the way"] if (failed := once_failed(step)) else []
    return ", ".join(words)


def _change(pair: Pair) -> str:
    """Return how much longer the second run took: ` (+12 s)`; nothing below a tenth."""
    if pair.first is None or pair.second is None or not (pair.first.took and pair.second.took):
        return ""
    change = pair.second.took - pair.first.took
    if abs(change) < max(pair.first.took // 10, 100_000_000):
        return ""
    return f"  ({'+' if change > 0 else '-'}{span(abs(change))})"


def _object(found: Comparison) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "runs": [_run(found.first), _run(found.second)],
        "inputs": {name: list(values) for name, values in found.inputs.items()},
        "hosts_only": [list(hosts) for hosts in found.hosts_only],
        "steps": [
            {
                "id": pair.id,
                "title": pair.title,
                "runs": [_step(pair.first), _step(pair.second)],
                "command": list(pair.script),
                "output": list(pair.output),
            }
            for pair in found.pairs
        ],
    }


def _run(summary: Summary) -> dict[str, Any]:
    return {
        "run": summary.run,
        "title": summary.title,
        "result": summary.result,
        "began": summary.began.utc,
        "commit": summary.commit,
        "seconds": seconds(summary.took),
        "hosts": len(summary.hosts),
    }


def _step(step: StepSummary | None) -> dict[str, Any] | None:
    if step is None:
        return None
    words = {"result": step.result, "seconds": seconds(step.took), "batches": len(step.batches)}
    return {**words, "hosts": step.counts(), "failed_on_the_way": once_failed(step)}
