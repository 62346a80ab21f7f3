"""What to know before a run's first go: origin, values, hosts, changes, outages. No toolkit in here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct

from gonogo.format.model import Kind
from gonogo.hosts.here import LOCALHOST
from gonogo.provenance.beginning import before_the_run
from gonogo.run.plan import PlannedInput, PlannedStep
from gonogo.run.reach import by_reason, to_reach
from gonogo.run.state import Record, RunState
from gonogo.text import clean_line, many

from .lines import Line, Span, span, wrap
from .mistakes import Mistake, counted
from .monitors import ahead
from .projection import folded

LOUD = ("WARNING", "BAD", "CHANGED", "NOT IN")
"""How lines about the origin begin that nobody should overlook."""
AT_ONCE = 200
"""Hosts out of reach that are named while others are still looked at."""
Check = Callable[[Record], tuple[Mistake, ...] | None]
"""Looks, from `run.start`, for what is wrong in the runbook; None: it cannot tell. For a thread."""
LONGEST = 40
"""Characters of a host pattern that is told beside what it stands for."""
_CHANGES, _READS, _ASKS = ("▲", "warn"), ("○", "ok"), ("◇", "hand")
_INDENT = "  "


class Facts(Struct, frozen=True):
    """The steps that are still to come, by what they do."""

    steps: tuple[tuple[int, PlannedStep], ...]
    """Each with its number in the checklist, counted from 1."""
    changes: int
    reads: int
    asks: int
    hosts: int


def facts(state: RunState) -> Facts:
    """Count what a run will do; steps that were skipped from the start are not in it."""
    plan = state.plan
    open_steps = sorted({turn.step for turn in plan.turns if state.turns[turn.index].result is None})
    steps = tuple((number - plan.first + 1, plan.steps[number]) for number in open_steps)
    runs = [one for _, one in steps if one.step.kind is Kind.RUN]
    reads = sum(one.step.options.read_only for one in runs)
    hosts = {name for one in runs for name in one.hosts} - {LOCALHOST} - state.left_out.keys()
    return Facts(steps, len(runs) - reads, reads, len(steps) - len(runs), len(hosts))


def origin(state: RunState) -> Iterator[Line]:
    """Yield where the runbook comes from, and which other runs are on its hosts."""
    for line in before_the_run(state.start):
        yield (span(line, "warn" if line.startswith(LOUD) else ""),)


class Known(Struct, frozen=True):
    """What is known of the run from elsewhere."""

    expected: str = ""
    """How long it will take, as far as anybody knows."""
    mistakes: tuple[Mistake, ...] | None = None
    """What check found; None: it has not, or cannot."""
    key: str = "P"
    """Lists them."""
    told: bool = False
    """Where it comes from was told before."""


def preflight(state: RunState, known: Known, cells: int) -> list[Line]:
    """Return the whole page."""
    found = facts(state)
    parts: list[tuple[str, Iterable[Line]]] = [
        ("Where it comes from", _source(state, told=known.told)),
        ("How long", ((span(known.expected),),) if known.expected else ()),
        ("What check found", _mistakes(known)),
        ("Values", _values(state)),
        ("On which hosts", _hosts(found, state)),
        ("Who can be reached", _reached(state)),
        ("Watch out", _watch(found)),
        ("While it runs", ahead(state)),
        (_counted(found), _steps(found, state)),
    ]
    lines: list[Line] = []
    for title, told in parts:
        wrapped = [line for one in told for line in wrap([(_INDENT, ""), *one], cells, _INDENT * 2)]
        if wrapped:
            lines += [*wrap([(title, "section")], cells, _INDENT), *wrapped, ()]
    return lines[:-1]


def _mistakes(known: Known) -> Iterator[Line]:
    if known.mistakes:
        bad = any(one.bad for one in known.mistakes)
        told = span(f"{'✗' if bad else '!'} {counted(known.mistakes)}", "bad" if bad else "warn")
        yield (told, ("  ", ""), (f"[{known.key}]", "key"), (" lists them", "dim"))
    elif known.mistakes is not None:
        yield (("nothing wrong", "dim"),)


def _source(state: RunState, *, told: bool) -> Iterator[Line]:
    if not state.start.get("git"):
        yield (span(state.plan.path),)
    if not told:
        yield from origin(state)


def _values(state: RunState) -> Iterator[Line]:
    asked: dict[str, int] = {}
    for number, step in enumerate(state.plan.steps, 1 - state.plan.first):
        for name in step.needs:
            asked.setdefault(name, number)
    longest = max((len(clean_line(one.name)) for one in state.plan.inputs), default=0)
    for one in state.plan.inputs:
        yield (span(clean_line(one.name).ljust(min(longest, 24)), "hand"), ("  ", ""), _value(one, asked))


def _value(one: PlannedInput, asked: Mapping[str, int]) -> Span:
    if one.reached:
        where = f" at step {asked[one.name]}" if one.name in asked else ""
        return f"asked for{where}{', a secret' if one.secret else ''}", "dim"
    return ("a secret, given", "dim") if one.secret else span(one.value or "(empty)")


def _hosts(found: Facts, state: RunState) -> Iterator[Line]:
    """Tell each set of hosts once, under the pattern that the document has for it."""
    seen: dict[tuple[str, ...], str] = {}
    for _, one in found.steps:
        if one.step.kind is Kind.RUN:
            seen.setdefault(one.hosts, one.step.options.hosts or "")
    for hosts, pattern in seen.items():
        if hosts == (LOCALHOST,):
            yield (("this machine", "title"),)
            continue
        named = len(hosts) > 1 and 0 < len(pattern) <= LONGEST and pattern != folded(hosts)
        before: Line = (span(pattern, "hand"), ("  ", "")) if named else ()
        yield (
            *before,
            (many(len(hosts)), "title"),
            ("  ", ""),
            (folded(hosts), "run"),
            *_missing(hosts, state),
        )


def _missing(hosts: tuple[str, ...], state: RunState) -> Iterator[Span]:
    """Yield how many of these hosts are out of reach, or left out."""
    out = sum(name in state.left_out for name in hosts)
    bad = sum(bool(state.reaches.get(name)) for name in hosts) if state.reaches else 0
    bad -= sum(bool(state.reaches.get(name)) for name in hosts if name in state.left_out)
    if bad:
        yield f"  ⌀ {bad:,} out of reach", "bad"
    if out:
        yield f"  – {out:,} left out", "warn"


def _reached(state: RunState) -> Iterator[Line]:
    """Tell how many hosts can be reached, the others with their reasons, and who is left out."""
    found = state.reached
    if found is not None and not found.wanted:
        going = found.ended is None
        good, unheard = sum(not why for why in state.reaches.values()), found.hosts - len(state.reaches)
        coming: Line = ((f"  · {unheard:,} not heard of yet", "dim"),) if going and unheard else ()
        yield ((f"✓ {good:,} of {many(found.hosts)} can be reached", "ok"), *coming)
        bad = {name: state.reaches[name] for name in state.unreached()}
        # Folding 5,000 names takes 50 ms, and more may come at once.
        named = not going or len(bad) <= AT_ONCE
        for why, hosts in by_reason(bad):
            told: Line = ((f"  {folded(hosts)}", "bad"),) if named else ()
            yield ((f"⌀ {many(len(hosts))}", "bad"), *told, span(f"  {why}", "dim"))
        if unheard and not going:
            names = folded([name for name in to_reach(state.plan, state) if name not in state.reaches])
            yield ((f"? {many(unheard)}", "warn"), (f"  {names}", "warn"), ("  not heard of", "dim"))
    for reason, out in _left_out(state).items():
        yield (
            (f"– {many(len(out))} left out", "warn"),
            (f"  {folded(out)}", ""),
            span(f"  {reason}", "dim"),
        )


def _left_out(state: RunState) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, reason in state.left_out.items():
        found.setdefault(reason, []).append(name)
    return found


def _watch(found: Facts) -> Iterator[Line]:
    ends = {one.step.options.outage_end: number for number, one in found.steps}
    for number, one in found.steps:
        options = one.step.options
        if service := options.outage_begin:
            until = f", until step {ends[service]}" if service in ends else ", and no step ends it"
            yield (("▼ ", "warn"), span(f"{service} is down from step {number} on{until}", "warn"))
        if options.no_rollback:
            yield (("! ", "warn"), span(f"step {number} has no way back: {options.no_rollback}", "warn"))
        if options.gate == "approve":
            who = f" of {options.role}" if options.role else ""
            signed = many(options.approvers, "signature")
            yield (("◇ ", "hand"), span(f"step {number} waits for {signed}{who}", "hand"))


def _counted(found: Facts) -> str:
    kinds = (
        (found.changes, "change something" if found.changes != 1 else "changes something"),
        (found.reads, "only read" if found.reads != 1 else "only reads"),
        (found.asks, "ask or wait" if found.asks != 1 else "asks or waits"),
    )
    return f"{many(len(found.steps), 'step')}: " + ", ".join(f"{n} {word}" for n, word in kinds if n)


def _steps(found: Facts, state: RunState) -> Iterator[Line]:
    for number, one in found.steps:
        step = one.step
        mark = _ASKS if step.kind is not Kind.RUN else _READS if step.options.read_only else _CHANGES
        tail = ""
        if step.kind is Kind.RUN and one.hosts != (LOCALHOST,):
            tail = f"  {many(len(one.hosts))}"
            tail += f" in {len(one.batches)} batches" if len(one.batches) > 1 else ""
            if state.left_out and state.left_out.keys() >= set(one.hosts):
                tail = "  no host left"
        yield ((f"{number:>3} ", "dim"), (f"{mark[0]} ", mark[1]), span(step.title), (tail, "dim"))
