"""The steps of a summary: turns put together, those of an older text of the runbook included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from gonogo.run.plan import Plan, PlannedStep, Turn
from gonogo.run.replay.hosts import Hosts
from gonogo.run.state import HostRun, HostState, RunState, TurnState
from gonogo.text import clean, clean_line

from .summary import Attempt, Batch, HostEnd, StepSummary, When

_WORST = ("failed", "unfinished", "rolled-back", "skipped", "left-out", "by-hand", "warn", "ok", "not-needed")
"""What counts when the batches of a step ended differently, first come first."""
_WORDS = {state: state.value for state in HostState}
OPEN = ("failed", "unfinished", "not-reached")
"""Results of what is not over."""


def steps_of(
    state: RunState,
    attempts: Mapping[int, list[Attempt]],
    began: Mapping[int, When],
    ended: Mapping[int, When],
) -> tuple[StepSummary, ...]:
    """Return the runbook's steps, and before them those of its older text where something was done."""
    plan = state.plan
    turns: dict[int, list[Turn]] = {}
    for turn in plan.turns:
        turns.setdefault(turn.step, []).append(turn)
    merged = set(_carried(plan, range(plan.first, len(plan.steps))))
    names = {name: clean_line(name) for name in plan.hosts}
    found = []
    for number, planned in enumerate(plan.steps):
        old = number < plan.first
        if number in merged or (old and not any(turn.index in attempts for turn in turns[number])):
            continue
        older = [turn for one in _line(plan, number) for turn in turns[one]]
        batches = [_batch(state, turn, attempts, names) for turn in turns[number]]
        before = [_batch(state, turn, attempts, names) for turn in older if turn.index in attempts]
        indexes = [turn.index for turn in (*older, *turns[number])]
        result = _result([batch.result for batch in batches])
        first = [began[index] for index in indexes if index in began]
        last = [ended[index] for index in indexes if index in ended]
        found.append(
            StepSummary(
                number=0 if old else number - plan.first + 1,
                id=clean_line(planned.step.id),
                title=clean_line(planned.step.title),
                sections=tuple(clean_line(title) for title in planned.sections),
                kind=planned.step.kind.value,
                result=result,
                script=clean(state.script_of(number)),
                edited=number in state.edited,
                batches=_together(before, batches),
                began=min(first, default=None),
                ended=max(last, default=None) if result not in OPEN else None,
            )
        )
    return tuple(found)


def _line(plan: Plan, number: int) -> Iterator[int]:
    """Yield the steps of older texts that are this one, unchanged."""
    planned: PlannedStep = plan.steps[number]
    while planned.unchanged and planned.before is not None and planned.before < number:
        number = planned.before
        planned = plan.steps[number]
        yield number


def _carried(plan: Plan, numbers: range) -> Iterator[int]:
    for number in numbers:
        yield from _line(plan, number)


def _together(before: list[Batch], batches: list[Batch]) -> tuple[Batch, ...]:
    """Put what was done under an older text first; what became of the hosts since then is what counts."""
    known = {name for batch in batches for name in batch.hosts}
    batches = [_stayed(before, batch) for batch in batches]
    turns = {batch.turn for batch in batches}
    kept = [
        Batch(
            one.number,
            one.turn,
            one.result,
            {name: end for name, end in one.hosts.items() if name not in known},
            one.attempts,
            one.waited,
        )
        for one in before
        if one.turn not in turns
    ]
    return (*kept, *batches)


def _stayed(before: list[Batch], batch: Batch) -> Batch:
    """Return the older text's batch as it stands now, if nothing ran since; else the batch itself."""
    same = [one for one in before if one.hosts and one.hosts.keys() == batch.hosts.keys()]
    if batch.attempts or len(same) != 1:
        return batch
    return replace(same[0], number=batch.number, result=batch.result, hosts=batch.hosts)


def _batch(
    state: RunState, turn: Turn, attempts: Mapping[int, list[Attempt]], names: Mapping[str, str]
) -> Batch:
    """Return what became of a turn; `names` are hosts' names, cleaned once for all turns."""
    turn_state = state.turns[turn.index]
    hosts = {names.get(name) or clean_line(name): _end(host) for name, host in turn_state.hosts.items()}
    mine, result = tuple(attempts.get(turn.index, ())), _turn_result(turn_state)
    if isinstance(turn_state.hosts, Hosts):
        turn_state.hosts.let_go()
    waited = turn_state.worked - sum(attempt.took for attempt in mine) if mine else 0
    return Batch(turn.batch + 1, turn.index, result, hosts, mine, max(waited, 0))


def _end(host: HostRun) -> HostEnd:
    why = clean_line(host.why) if host.why else ""
    for one in (host.attempt, host.code, host.started, host.ended, host.out_bytes, host.err_bytes):
        if one is not None and type(one) is not int:
            raise TypeError("a number is none")
    return HostEnd(
        _WORDS[host.state],
        host.attempt,
        host.code,
        host.started,
        host.ended,
        why,
        host.out_bytes,
        host.err_bytes,
    )


def _turn_result(turn: TurnState) -> str:
    if turn.result is not None:
        return clean_line(turn.result)
    if turn.bad():
        return "failed"
    return "not-reached" if turn.started is None and not turn.go else "unfinished"


def _result(results: list[str]) -> str:
    if "not-reached" in results and len(set(results)) > 1 and "failed" not in results:
        return "unfinished"
    return next((word for word in _WORST if word in results), results[0])
