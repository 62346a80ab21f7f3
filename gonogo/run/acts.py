"""What an operator may do besides answering a gate: jump, pick hosts up, edit a command, pause.

Each act is pure: it returns the records that say it, or raises RunError with why it cannot be done.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import Any

from gonogo.errors import RunError
from gonogo.format.model import Kind

from .inputs import writable
from .plan import Plan
from .rundata import RunData
from .words import At, HostState

Records = list[tuple[str, dict[str, Any]]]
SCRIPT_LIMIT = 64 << 10
"""Characters of an edited script: with its difference it still fits into one record."""


def jump(state: RunData, by: str, *, to: str, how: str = "forward", reason: str = "") -> Records:
    """Go to the step with the id `to`.

    `how` is `forward` (what lies between is skipped), `again` (a step that was done runs once more, then the
    run goes on where it was) or `rollback` (its rollback runs on the hosts that it reached).
    """
    _at_rest(state)
    number = _step(state.plan, to)
    match how:
        case "forward":
            turns = _ahead(state, number)
        case "again":
            turns = _over(state, number)
        case "rollback":
            turns = _can_roll_back(state, number)
        case _:
            raise RunError(f"a jump is forward, again or rollback, not {how!r}")
    _reasoned(reason)
    return _leave(state, "jump", turns, by, reason, to=to, how=how)


def skip(state: RunData, by: str, *, steps: Sequence[str], reason: str) -> Records:
    """Go without these steps (their ids), wherever they stand ahead."""
    numbers = {_step(state.plan, step) for step in steps}
    turns = [
        turn.index
        for turn in state.plan.turns
        if turn.step in numbers and state.turns[turn.index].result is None
    ]
    return _leave(state, "jump", turns, by, reason, to="", how="forward") if turns else []


def pick_up(state: RunData, by: str, *, hosts: Sequence[str], reason: str = "") -> Records:
    """Take hosts that were left out along again; every step that went without them runs for them."""
    _at_rest(state)
    unknown = [host for host in hosts if host not in state.left_out]
    if unknown or not hosts:
        raise RunError(f"not left out: {', '.join(unknown[:5])}" if unknown else "no host is named")
    return [("pick-up", {"hosts": list(hosts), "by": by, "reason": reason})]


def edit(state: RunData, by: str, *, step: str, script: str, reason: str = "") -> Records:
    """Run another script than the document's in a step that is not over, from here on."""
    _at_rest(state)
    number = _step(state.plan, step)
    turns = state.plan.turns_of(number)
    if not script.strip():
        raise RunError("no command")
    if state.plan.steps[number].step.kind is not Kind.RUN:
        raise RunError(f"the step {step!r} has no command that can be edited")
    if all(state.turns[turn.index].result is not None for turn in turns):
        raise RunError(f"the step {step!r} is over", "Run it again; then its command can be edited.")
    if len(script) > SCRIPT_LIMIT or not writable(script):
        raise RunError(
            f"a command has no NUL, only whole characters, and {SCRIPT_LIMIT >> 10} thousand at most"
        )
    _reasoned(reason)
    before = state.script_of(number)
    if script == before:
        raise RunError("the command is the same as before")
    lines = difflib.unified_diff(before.splitlines(), script.splitlines(), "before", "after", lineterm="")
    said = {"number": number, "step": step, "script": script, "diff": "\n".join(lines)}
    about = {"turn": turns[0].index, "step": step, "what": "edit", "hosts": []}
    deviation = {**about, "reason": reason, "by": by}
    return [("deviation", deviation), ("edit", {**said, "by": by, "reason": reason})]


def pause(state: RunData, by: str, *, reason: str = "") -> Records:
    """Say that the run rests at its gate, and why."""
    _at_rest(state)
    _reasoned(reason)
    return [("run.pause", {"why": reason, "by": by})]


def test(state: RunData, by: str) -> Records:
    """Run the tests of the test plan once."""
    _at_rest(state)
    if not state.plan.tests:
        raise RunError("the runbook has no test plan", "Name steps in `test-plan:`, or mark them `test`.")
    if state.gate is None or state.gate.at is At.START:
        raise RunError("tests run at a gate, once the run has begun")
    return [("test.begin", {"round": len(state.rounds) + 1, "by": by, "tests": len(state.plan.tests)})]


def baseline(state: RunData, by: str, *, number: int) -> Records:
    """Compare later rounds of tests with this one."""
    _at_rest(state)
    if not any(one.number == number and one.complete for one in state.rounds):
        known = ", ".join(str(one.number) for one in state.rounds if one.complete) or "none"
        raise RunError(f"there is no complete round {number}", f"Complete are: {known}.")
    return [("test.baseline", {"round": number, "by": by})]


def shell_begun(state: RunData, by: str, *, host: str, reason: str) -> Records:
    """Say that somebody opens a shell on a host: what they do there is not in the document."""
    turn = state.current or state.plan.turns[-1]
    step = state.plan.step_of(turn).step.id
    said = {"turn": turn.index, "step": step, "what": "shell", "hosts": [host], "reason": reason, "by": by}
    return [("deviation", said), ("shell.begin", {"host": host, "by": by})]


ACTS: dict[str, Callable[..., Records]] = {
    "jump": jump,
    "pick-up": pick_up,
    "edit": edit,
    "pause": pause,
    "test": test,
    "baseline": baseline,
}
"""By the name that a screen sends."""


def _leave(state: RunData, kind: str, turns: list[int], by: str, reason: str, **fields: Any) -> Records:
    """Return the records of leaving the document's order, one deviation a step."""
    records: Records = []
    for number in dict.fromkeys(state.plan.turns[index].step for index in turns):
        what = "skip" if fields["how"] == "forward" else fields["how"]
        step = state.plan.steps[number].step.id
        of_step = [index for index in turns if state.plan.turns[index].step == number]
        hosts = [host for index in of_step for host in state.plan.turns[index].hosts]
        said = {"turn": of_step[0], "step": step, "what": what, "hosts": hosts, "reason": reason, "by": by}
        records.append(("deviation", said))
    return [*records, (kind, {"turns": turns, **fields, "by": by, "reason": reason})]


def _at_rest(state: RunData) -> None:
    if state.result is not None:
        raise RunError("the run is over")
    if state.testing is not None:
        raise RunError("the tests are out", "Wait for their end, or cancel them.")
    if any(turn.running for turn in state.turns):
        raise RunError("a step is running", "Wait for its end, or cancel it.")


def _step(plan: Plan, name: str) -> int:
    for number in range(len(plan.steps) - 1, plan.first - 1, -1):
        if plan.steps[number].step.id == name:
            return number
    raise RunError(f"there is no step {name!r}", "`gonogo show` lists the ids.")


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise RunError("that departs from the document: it needs a reason")


def _ahead(state: RunData, number: int) -> list[int]:
    """Return the turns that a jump forward to a step passes over."""
    to = next((turn.index for turn in state.plan.turns_of(number) if not state.turns[turn.index].result), 0)
    turns = [index for index in range(to) if state.turns[index].result is None]
    if not turns:
        step = state.plan.steps[number].step.id
        raise RunError(f"the step {step!r} does not lie ahead", "To run it once more, use `again`.")
    return turns


def _over(state: RunData, number: int) -> list[int]:
    turns = [turn.index for turn in state.plan.turns_of(number) if state.turns[turn.index].result]
    if not turns:
        raise RunError(f"the step {state.plan.steps[number].step.id!r} has not been done yet")
    return turns


def _can_roll_back(state: RunData, number: int) -> list[int]:
    turns = _over(state, number)
    step = state.plan.steps[number].step
    if step.rollback is None:
        raise RunError(f"the step {step.id!r} has no rollback")
    found = [
        index
        for index in turns
        if any(
            one.touched and one.state is not HostState.LEFT_OUT for one in state.turns[index].hosts.values()
        )
    ]
    if not found:
        raise RunError(f"the step {step.id!r} reached no host")
    return found
