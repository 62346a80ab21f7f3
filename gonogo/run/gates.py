"""Gates: which question stands before a turn, with which evidence, and what may be answered. Pure."""

from __future__ import annotations

import re
from typing import Any

from gonogo.format.model import Kind, Options, Step
from gonogo.hosts.here import LOCALHOST
from gonogo.text import many

from .evidence import of_batch, together
from .inputs import accept
from .moves import Ask, Reach
from .plan import Plan, PlannedInput, Turn
from .reach import at_work, to_reach
from .rundata import Gate, RunData, TurnState
from .words import NEEDS_REASON, Answer, At, became

_START = (Answer.GO, Answer.NO_GO, Answer.SKIP)
_GOES = frozenset({At.GO, At.BATCH, At.CONFIRM, At.TYPED, At.APPROVE, At.AGAIN})


def input_before(plan: Plan, state: RunData, turn: Turn) -> Ask | None:
    """Return the question for the next input that the turn's step needs and that nobody has given yet."""
    needs, edited = plan.step_of(turn).needs, state.edited.get(turn.step, "")
    for one in plan.inputs:
        if one.name in state.inputs or not one.reached:
            continue
        if one.name in needs or re.search(rf"\b{re.escape(one.name)}\b", edited):
            evidence: dict[str, Any] = {"input": one.name, "choices": list(one.choices), "type": one.type}
            evidence |= {"secret": one.secret, "default": "" if one.secret else one.default or ""}
            return Ask(turn, At.INPUT, one.prompt or one.name, (Answer.GO, Answer.NO_GO), evidence)
    return None


def input_at(plan: Plan, gate: Gate) -> PlannedInput:
    """Return the input that an input gate asks for."""
    return next(one for one in plan.inputs if one.name == gate.evidence["input"])


def gate_again(plan: Plan, turn: Turn, turn_state: TurnState) -> Ask | None:
    """Ask before a turn that was done runs once more."""
    if not turn_state.past or turn_state.guarded or turn_state.go:
        return None
    question = _question(plan.step_of(turn).step, turn_state.live())
    last = turn_state.past[-1]
    evidence = {"result": last.result, "by": last.by, "ended": last.ended}
    bad = f", {last.bad}" if last.bad else ""
    what = f"{question}: it was {became(last.result)} before{bad}"
    return Ask(turn, At.AGAIN, what, (Answer.GO, Answer.SKIP), evidence)


def _question(step: Step, hosts: list[str]) -> str:
    if step.kind is not Kind.RUN:
        return step.title
    return f"{step.title} on {many(len(hosts))}"


def gate_before(plan: Plan, state: RunData, turn: Turn, turn_state: TurnState) -> Ask | None:
    """Return the gate that stands before a turn's script goes out, if one is left to ask."""
    step = plan.step_of(turn).step
    options = step.options
    if turn_state.go and turn.step not in state.unasked:
        return None
    question = _question(step, turn_state.to_run())
    # A step that is nothing but a wait has its place in every batch; a moment is waited for once.
    wait = options.wait if turn.batch == 0 or step.kind is Kind.WAIT else None
    until = options.at if turn.batch == 0 else None
    if (wait is not None or until) and not turn_state.waited:
        choices = (Answer.GO, Answer.NO_GO)
        return Ask(turn, At.WAIT, question, choices, seconds=wait, until=until)
    if step.kind is Kind.CONFIRM:
        evidence = of_batch(plan, state, turn) if turn.batch > 0 and turn.opens_batch else {}
        return Ask(turn, At.CONFIRM, question, _START, evidence)
    if step.kind is Kind.WAIT:
        return None
    return _guarded(plan, state, turn, turn_state, question) or _plain(
        plan, state, turn, turn_state, question
    )


def _guarded(plan: Plan, state: RunData, turn: Turn, turn_state: TurnState, question: str) -> Ask | None:
    """Gates that a plain go never opens: signatures, or the number of hosts."""
    options = plan.step_of(turn).step.options
    if options.gate == "approve":
        digest = state.digest_of(turn.step)
        if digest not in state.approved:
            evidence: dict[str, Any] = {"step": plan.step_of(turn).step.id, "plan": digest}
            evidence |= {"approvers": options.approvers, "role": options.role}
            return Ask(turn, At.APPROVE, question, _START, evidence)
    if options.gate == "typed":
        return Ask(turn, At.TYPED, question, _START, {"number": len(turn_state.to_run())})
    limit = plan.blast_radius
    if limit is None or options.read_only:
        return None
    turns = [turn] if turn.batch else plan.turns_of(turn.step)
    number = sum(len(state.turns[one.index].to_run()) for one in turns)
    if number <= limit:
        return None
    return Ask(turn, At.TYPED, f"{question}, {number} in all", _START, {"number": number})


def _plain(plan: Plan, state: RunData, turn: Turn, turn_state: TurnState, question: str) -> Ask | None:
    options = plan.step_of(turn).step.options
    # Signatures are a go of their own: whoever waited for them has said it.
    signed = options.gate == "approve"
    if turn.step in state.unasked and not signed:
        return Ask(turn, At.GO, question, _START)
    if turn_state.guarded:
        return None
    if turn_state.picked:
        reads = plan.ours and options.read_only
        return None if reads or signed else Ask(turn, At.GO, question, _START)
    if turn.batch > 0:
        ask = _between(plan, state, turn, question)
        if ask is not None or turn.opens_batch or options.gate != "go":
            return ask
    return None if signed or _flows(plan, options) else Ask(turn, At.GO, question, _START)


def _flows(plan: Plan, options: Options) -> bool:
    if not plan.ours or options.gate == "go":
        return False
    return options.gate == "auto" or options.read_only or plan.pace == "flow"


def _between(plan: Plan, state: RunData, turn: Turn, question: str) -> Ask | None:
    """One gate a batch, before the first of its commands: `ask`, `go`, or a pause in seconds."""
    between = plan.step_of(turn).between
    if between == "go" or _opened(plan, state, turn):
        return None
    if between.isdigit():
        choices = (Answer.GO, Answer.NO_GO)
        return Ask(turn, At.WAIT, question, choices, of_batch(plan, state, turn), seconds=float(between))
    return Ask(turn, At.BATCH, question, _START, of_batch(plan, state, turn))


def _opened(plan: Plan, state: RunData, turn: Turn) -> bool:
    """Whether somebody said go to this batch, or its pause is over.

    Its first turn alone cannot tell: it may be skipped, not needed, or signed for long ago.
    """
    opens = _GOES | ({At.WAIT} if plan.step_of(turn).between.isdigit() else set())
    batch = {one.index for one in together(plan, turn) if one.batch == turn.batch and one.step >= plan.first}
    batch.add(turn.index)
    return any(
        one.gate.turn in batch and one.gate.at in opens and one.answer is Answer.GO for one in state.decisions
    )


def at_start(plan: Plan, state: RunData) -> Ask | Reach | None:
    """Return what stands before anything runs at all: a look at who can be reached, and the question."""
    if not plan.preflight or state.begun or not plan.turns:
        return None
    wanted = bool(state.start.get("reach")) if state.reached is None else state.reached.wanted
    hosts = to_reach(plan, state)
    return Reach(hosts) if wanted and hosts else _gate_at_start(plan, state, hosts)


def _gate_at_start(plan: Plan, state: RunData, reachable: tuple[str, ...]) -> Ask:
    """Ask before the first command: a document may call a step read-only that is not."""
    steps = [plan.step_of(turn) for turn in plan.turns if state.turns[turn.index].result is None]
    kinds = {one.step.id: one.step for one in steps}
    hosts = {name for one in steps for name in one.hosts} - {LOCALHOST} - state.left_out.keys()
    changes = sum(one.kind is Kind.RUN and not one.options.read_only for one in kinds.values())
    evidence: dict[str, Any] = {"steps": len(kinds), "hosts": len(hosts), "changes": changes}
    where = many(len(hosts)) if hosts else "this machine"
    question = f"Start {plan.title!r} on {where}?"
    bad = state.unreached()
    if state.reached is not None:
        found = state.reached
        evidence["reach"] = {"hosts": found.hosts, "heard": len(state.reaches), "unreached": len(bad)}
    if bad:
        question = f"{len(bad):,} of {where} cannot be reached. Start {plan.title!r} without them?"
    return Ask(plan.turns[0], At.START, question, _choices_at_start(state, reachable), evidence)


def _choices_at_start(state: RunData, reachable: tuple[str, ...]) -> tuple[Answer, ...]:
    """Return the ways on; where all hosts have to be within reach, go is none until they are."""
    bad, found = bool(state.unreached()), state.reached
    sure = found is not None and len(state.reaches) >= found.hosts and not bad
    choices = [Answer.LEAVE_OUT] if bad else []
    choices += [Answer.GO] if sure or not (state.start.get("reach") and reachable) else []
    choices.append(Answer.NO_GO)
    return (*choices, Answer.REACH) if reachable else tuple(choices)


def gate_at_end(plan: Plan, state: RunData) -> Ask | None:
    """Ask before the run ends with hosts left out, which can still be picked up, or with tests to run."""
    if not (state.left_out or plan.tests) or state.end_agreed or not plan.turns:
        return None
    if not state.left_out:
        return Ask(plan.turns[-1], At.END, "All steps are done. End the run?", (Answer.GO,))
    number = len(state.left_out)
    were = "was" if number == 1 else "were"
    question = f"All steps are done; {many(number)} {were} left out. End the run?"
    evidence: dict[str, Any] = {"left_out": sorted(state.left_out)[:200], "number": number}
    return Ask(plan.turns[-1], At.END, question, (Answer.GO,), evidence)


def refusal(
    plan: Plan,
    state: RunData,
    asked: int,
    answer: Answer,
    typed: str,
    reason: str,
    hosts: list[str] | None = None,
) -> str:
    """Return why an answer cannot be taken, or an empty string."""
    gate = state.gate
    if gate is None or gate.number != asked:
        return "that question is not open any more"
    if state.testing is not None:
        return "the tests are out: wait for their end, or cancel them"
    if answer not in gate.choices:
        return f"{answer.value} is no choice here; choices: {', '.join(gate.choices)}"
    if answer in NEEDS_REASON and not reason.strip():
        return f"{answer.value} needs a reason"
    turn_state = state.turns[gate.turn]
    if hosts is not None and (other := set(hosts) - set(gate.meant(turn_state))):
        return f"the question is not about {', '.join(sorted(other)[:5])}"
    if answer is Answer.LEAVE_OUT and gate.at is At.START and not at_work(plan, state, state.unreached()):
        return "no host would be left"
    if answer is not Answer.GO:
        return ""
    number = gate.evidence.get("number", len(turn_state.live()))
    if gate.at is At.TYPED and typed.strip() != str(number):
        return f"type the number of hosts, {number}, to go"
    if gate.at is At.APPROVE and len(state.approvals) < gate.evidence["approvers"]:
        return f"{len(state.approvals)} of {gate.evidence['approvers']} signatures are there"
    if gate.at is At.INPUT:
        wanted = input_at(plan, gate)
        return accept(wanted, typed or wanted.default or "", plan.hosts)
    return ""
