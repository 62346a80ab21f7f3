"""The fold: which kind of record is folded by what, and what concerns the run as a whole."""

from __future__ import annotations

from msgspec.structs import replace

from ..rundata import Reached, Record, RunData
from . import gates as fold_gates
from . import order as fold_order
from . import turns as fold_turns
from . import watch as fold_watch


def _run_start(state: RunData, record: Record) -> None:
    state.start = record
    state.run = record["run"]
    state.operator = record["by"]
    state.started_at = record["t"]


def _note(state: RunData, record: Record) -> None:
    state.notes.append(record)


def _deviation(state: RunData, record: Record) -> None:
    state.deviations.append(record)


def _operator(state: RunData, record: Record) -> None:
    state.operator = record["by"]


def _outage_begin(state: RunData, record: Record) -> None:
    state.outages[record["service"]] = (record["m"], None)


def _outage_end(state: RunData, record: Record) -> None:
    begin, _ = state.outages.get(record["service"], (record["m"], None))
    state.outages[record["service"]] = (begin, record["m"])


def _pause(state: RunData, record: Record) -> None:
    state.paused = record["why"]


def _reach_begin(state: RunData, record: Record) -> None:
    state.reached, state.reaches = Reached(False, record["hosts"], record["m"]), {}


def _reach_found(state: RunData, record: Record) -> None:
    state.reaches |= dict.fromkeys(record["hosts"], record["why"])


def _reach_end(state: RunData, record: Record) -> None:
    if state.reached is not None:
        state.reached = replace(state.reached, wanted=False, ended=record["m"])


def _resume(state: RunData, record: Record) -> None:
    """Another process goes on. Secrets that it was not given are asked for again when they are needed."""
    state.paused = ""
    state.rest()
    if state.reached is not None and state.reached.ended is None:
        _reach_end(state, record)
    held = record.get("secrets")
    if held is not None:
        secret = {one.name for one in state.plan.inputs if one.secret}
        for name in secret.intersection(state.inputs).difference(held):
            del state.inputs[name]


def _seal(state: RunData, record: Record) -> None:
    state.sealed = record["through"]
    state.unsealed = ""


def _seal_failed(state: RunData, record: Record) -> None:
    state.unsealed = record["why"]


def _run_end(state: RunData, record: Record) -> None:
    state.gate = None
    state.result = record["result"]


HANDLERS = {
    "run.start": _run_start,
    "run.pause": _pause,
    "run.resume": _resume,
    "run.end": _run_end,
    "gate.ask": fold_gates.gate_ask,
    "gate.answer": fold_gates.gate_answer,
    "gate.approve": fold_gates.gate_approve,
    "gate.expired": fold_gates.gate_expired,
    "gate.until": fold_gates.gate_until,
    "step.settle": fold_gates.step_settle,
    "step.when": fold_turns.step_when,
    "step.plan": fold_turns.step_plan,
    "step.end": fold_turns.step_end,
    "round.end": fold_turns.round_end,
    "host.start": fold_turns.host_start,
    "host.exit": fold_turns.host_exit,
    "host.unknown": fold_turns.host_unknown,
    "host.cancelled": fold_turns.host_cancelled,
    "reach.begin": _reach_begin,
    "reach.found": _reach_found,
    "reach.end": _reach_end,
    "monitor.sample": fold_watch.monitor_sample,
    "monitor.change": fold_watch.monitor_change,
    "test.begin": fold_watch.test_begin,
    "test.start": fold_watch.test_start,
    "test.exit": fold_watch.test_exit,
    "test.result": fold_watch.test_result,
    "test.end": fold_watch.test_end,
    "test.baseline": fold_watch.test_baseline,
    "jump": fold_order.jump,
    "pick-up": fold_order.pick_up,
    "edit": fold_order.edit,
    "plan.change": fold_order.plan_change,
    "note": _note,
    "deviation": _deviation,
    "operator": _operator,
    "outage.begin": _outage_begin,
    "outage.end": _outage_end,
    "seal": _seal,
    "seal.failed": _seal_failed,
}
