"""How a turn will run, in words: where, as whom, how often, and what would stop it. No toolkit in here."""

from __future__ import annotations

from gonogo.format.model import Options
from gonogo.run.plan import PlannedStep, Turn
from gonogo.run.state import HostState, TurnState
from gonogo.text import many

from .lines import Span, span
from .words import limit


def where(planned: PlannedStep, turn: Turn) -> list[Span]:
    """Return how a step will reach its hosts: `as root · via ssh · timeout 15m`."""
    options = planned.step.options
    parts = []
    if turn.batches > 1:
        parts.append(f"batch {turn.batch + 1} of {turn.batches}")
    if options.run_as:
        parts.append(f"as {options.run_as}")
    parts.append(f"via {options.via or ('ssh' if options.hosts else 'local')}")
    if options.parallel:
        parts.append(f"{options.parallel} at once")
    if options.timeout:
        parts.append(f"timeout {limit(options.timeout)}")
    if options.cwd:
        parts.append(f"in {options.cwd}")
    return [span(" · ".join([*parts, *_judged(options)]), "dim")]


def _judged(options: Options) -> list[str]:
    """Return what the document says about how it is judged and what follows."""
    parts = []
    if options.until:
        parts.append("until it succeeds" + (f", every {limit(options.every)}" if options.every else ""))
    if options.retries:
        parts.append(f"{options.retries} retries")
    if options.exit_map:
        parts.append("exit " + " ".join(f"{code}={verdict}" for code, verdict in options.exit_map))
    if options.expect:
        parts.append(f"must print {options.expect}")
    if options.expect_not:
        parts.append(f"must not print {options.expect_not}")
    if options.same_as:
        parts.append(f"must print the same as {options.same_as}")
    if options.max_failures:
        parts.append(f"up to {options.max_failures} may fail")
    if options.on_failure != "ask":
        parts.append(f"on failure: {options.on_failure}")
    return parts


def marks(options: Options) -> list[Span]:
    """Return what must not be overlooked about a step: `only reads`, an outage, no way back."""
    found = [
        ("only reads" if options.read_only else "", "ok"),
        (f"outage begins: {options.outage_begin}" if options.outage_begin else "", "warn"),
        (f"outage ends: {options.outage_end}" if options.outage_end else "", "ok"),
        ("runs in your terminal" if options.interactive else "", "hand"),
        (f"only where {options.when}" if options.when else "", "hand"),
        ("its output is not kept" if options.no_output else "", "dim"),
        (f"no way back: {options.no_rollback}" if options.no_rollback else "", "warn"),
    ]
    spans: list[Span] = []
    for text, style in found:
        if text:
            spans += [("   ", "")] if spans else []
            spans.append(span(text, style))
    return spans


def unkept(options: Options) -> str:
    """Return why a step's output is not kept, or an empty string."""
    if options.interactive:
        return "it ran in the operator's terminal: what it printed there is not kept"
    return "its output is not kept" if options.no_output else ""


def left(turn: TurnState) -> str:
    """Return `, 3 hosts left out` when hosts of a turn are, else nothing; the same of those not needed."""
    out, spared = len(turn.in_state(HostState.LEFT_OUT)), len(turn.in_state(HostState.NOT_NEEDED))
    words = f", {many(out)} left out" if out else ""
    return words + (f", not needed on {many(spared)}" if spared else "")
