"""The fold of what departs from the document's order: jumps, hosts picked up, edits, a new text."""

from __future__ import annotations

from ..carry import carry_over
from ..rundata import Past, Record, RunData, TurnState
from ..words import HostState
from .gates import keep_out, open_again, reset, roll_back


def jump(state: RunData, record: Record) -> None:
    """The operator leaves the document's order: forward past turns, or back to done ones."""
    state.rest()
    state.gate, state.paused, state.cursor, state.end_agreed = None, "", 0, False
    for index in record["turns"]:
        turn = state.turns[index]
        if record["how"] == "forward":
            turn.result, turn.ended = "skipped", record["m"]
        elif record["how"] == "rollback":
            turn.result, turn.go, turn.undo = None, True, True
            roll_back(turn)
        else:
            _again(state, turn, index, record["m"])
    keep_out(state)


def _again(state: RunData, turn: TurnState, index: int, now: int) -> None:
    """Have a turn run once more. It asks first, and keeps what it came to until then."""
    last = Past(turn.result or "", turn.started, turn.ended or now, state.decided(index))
    turn.past = (*turn.past, last)
    turn.result = turn.started = turn.ended = None
    turn.go = turn.guarded = False


def pick_up(state: RunData, record: Record) -> None:
    """Hosts that were left out come back: every turn that went without them opens for them alone.

    What an edited runbook's old text went without is left to the turns of the new one.
    """
    state.rest()
    state.gate, state.paused, state.cursor, state.end_agreed = None, "", 0, False
    names = set(record["hosts"])
    for name in names:
        state.left_out.pop(name, None)
    first = state.plan.first
    for turn in (state.turns[one.index] for one in state.plan.turns if one.step >= first):
        missed = [
            name for name in turn.hosts if name in names and turn.hosts[name].state is HostState.LEFT_OUT
        ]
        if not missed or turn.result in ("replaced", "skipped", "rolled-back"):
            continue
        if turn.result is None:
            reset(turn, missed)
            turn.weighed = False
        else:
            open_again(turn, missed)
            turn.picked = True


def edit(state: RunData, record: Record) -> None:
    """The operator wrote another command."""
    state.gate = None
    state.edited[record["number"]] = record["script"]
    state.unasked.add(record["number"])


def plan_change(state: RunData, record: Record) -> None:
    """The runbook was edited while the run waited: later turns are those of its new text."""
    if state.load is None:
        return
    state.gate, state.cursor = None, 0
    carry_over(state, state.load(record["file"]), record["m"])
    keep_out(state)
