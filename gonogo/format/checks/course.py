"""The way through a runbook: captures before they are compared, outages that end, a way back."""

from __future__ import annotations

from collections.abc import Sequence

from gonogo.near import nearest
from gonogo.text import clean_line

from ..model import Kind, Section, Severity, Step
from .whole import At, Whole


def check_course(whole: Whole) -> None:
    """Report what does not fit together from step to step."""
    _captures(whole)
    _outages(whole)
    if whole.runbook.ours:
        _rolling(whole)
        _way_back(whole)


def _captures(whole: Whole) -> None:
    made: set[str] = set()
    for at in whole.steps:
        options = at[1].options
        if options.same_as is not None and options.same_as not in made:
            message = f"same-as={clean_line(options.same_as)}: no step before this one captures it"
            mend = "Add capture= to an earlier step."
            whole.at_key(at, "same-as", Severity.ERROR, "no-capture", message, mend)
        if options.no_output and (options.capture or options.capture_keys):
            key = "capture" if options.capture else "capture-keys"
            message = "with no-output nothing is kept, so there is nothing to capture"
            mend = f"Take no-output or {key}= out."
            whole.at_key(at, key, Severity.ERROR, "nothing-kept", message, mend)
        made.update(filter(None, (options.capture, *options.capture_keys)))


def _outages(whole: Whole) -> None:
    begun: dict[str, At] = {}
    for at in whole.steps:
        begins, ends = at[1].options.outage_begin, at[1].options.outage_end
        _service(whole, at, "outage-begin", begins)
        _service(whole, at, "outage-end", ends)
        if begins and begins in begun:
            message = f"the outage of {clean_line(begins)} begins here once more, before it ended"
            whole.at_key(at, "outage-begin", Severity.ERROR, "outage", message, "Take one outage-begin= out.")
        elif begins:
            begun[begins] = at
        if ends and begun.pop(ends, None) is None:
            message = f"the outage of {clean_line(ends)} ends here and begins nowhere before"
            mend = "Add outage-begin= to the step that stops it."
            whole.at_key(at, "outage-end", Severity.ERROR, "outage", message, mend)
    for service, at in begun.items():
        message = f"the outage of {clean_line(service)} begins here and never ends"
        mend = "Add outage-end= to the step that brings it back."
        whole.at_key(at, "outage-begin", Severity.ERROR, "outage", message, mend)


def _service(whole: Whole, at: At, key: str, service: str | None) -> None:
    known = whole.runbook.services
    if service is None or not known or service in known:
        return
    message = f"there is no service {clean_line(service)!r} in the head"
    near = nearest(service, known)
    mend = f"Did you mean {clean_line(near)!r}?" if near else "Add it to `services:`."
    whole.at_key(at, key, Severity.ERROR, "unknown-service", message, mend)


def _rolling(whole: Whole) -> None:
    rolling: dict[int, tuple[Section, list[At]]] = {}
    for at in whole.steps:
        above, step = at
        for section in above:
            if section.rolling is not None:
                rolling.setdefault(id(section), (section, []))[1].append(at)
        if step.options.batch and step.kind is Kind.RUN and not _judged([step]):
            _warn_unchecked(whole, step.title, at)
    for section, inside in rolling.values():
        if not _judged([step for _, step in inside]):
            _warn_unchecked(whole, section.title, inside[0])


def _judged(steps: Sequence[Step]) -> bool:
    """Tell whether something looks at each batch, or nothing is changed there."""
    changing = any(step.kind is Kind.RUN and not step.options.read_only for step in steps)
    looks = (
        step.check or step.options.expect or step.options.expect_not or step.options.same_as for step in steps
    )
    return not changing or any(looks)


def _warn_unchecked(whole: Whole, title: str, at: At) -> None:
    message = f"{clean_line(title)!r} rolls over its hosts without a check"
    mend = "Add a block {check} to one of its steps, so that a bad batch stops it."
    whole.at_key(at, "batch", Severity.WARNING, "no-check", message, mend)


def _way_back(whole: Whole) -> None:
    for at in whole.changing():
        step = at[1]
        if step.rollback is not None:
            continue
        if step.options.on_failure == "rollback":
            message = "on-failure=rollback, but the step has no rollback"
            mend = "Add a block {rollback}, or take on-failure= out."
            whole.at_key(at, "on-failure", Severity.ERROR, "nothing-to-roll-back", message, mend)
        elif step.options.no_rollback is None:
            message = f"{clean_line(step.title)!r} changes something and has no way back"
            mend = 'Add a block {rollback}, say why there is none (no-rollback="…"), or mark it read-only.'
            whole.problems.warn(step.place, "no-rollback", message, mend)
