"""Gates made real: questions are put, answers taken, and both written down."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gonogo.errors import RunError
from gonogo.format.moment import moment
from gonogo.trail.clock import JUMP

from .approving import Approving
from .gates import input_at
from .moves import Ask
from .plan import Turn
from .rundata import Gate
from .runner import refusal
from .scribe import Scribe
from .signals import Signals
from .words import Answer, At


class Asking:
    """The questions of one run."""

    def __init__(self, scribe: Scribe, signals: Signals, approving: Approving) -> None:
        self._scribe, self._signals, self._approving = scribe, signals, approving
        self._state = scribe.state

    def put(self, ask: Ask) -> None:
        """Ask; a wait's end, or the time until which signatures hold, is fixed now."""
        fields: dict[str, Any] = {"gate": self._state.gates + 1, "at": ask.at.value, "turn": ask.turn.index}
        fields |= {"step": self._state.plan.step_of(ask.turn).step.id, "question": ask.question}
        fields["choices"] = [choice.value for choice in ask.choices]
        evidence, seconds = dict(ask.evidence), ask.seconds
        if ask.until is not None:
            now = datetime.now().astimezone()
            at = moment(ask.until, now)
            evidence["at"] = at.isoformat()
            seconds = max(seconds or 0.0, (at - now).total_seconds())
        if ask.at is At.APPROVE:
            seconds = self._approving.HOLDS
            evidence |= self._approving.evidence()
        if self._state.rounds and ask.at is not At.INPUT:
            evidence["tests"] = self._state.rounds[-1].told()
        if evidence:
            fields["evidence"] = evidence
        if seconds is not None:
            fields["until"] = self._scribe.now() + int(max(seconds, 0.0) * 1e9)
        if ask.of:
            fields["of"] = [one.value for one in ask.of]
        self._scribe.record("gate.ask", **fields)

    async def wait(self, gate: Gate) -> None:
        """Return at the next signal, or when a gate's time is over; that answers a wait."""
        left = None if gate.until is None else max(gate.until - self._scribe.now(), 0) / 1e9
        if await self._signals.wait(left) or self._state.gate is not gate:
            return
        if gate.at is At.WAIT:
            self._write(gate, Answer.GO, "clock", "the wait is over")
        else:
            # Signatures hold until their expiry: what is signed from now on is a new question.
            self._scribe.record("gate.expired", gate=gate.number)
        await self._scribe.commit()

    async def take(
        self, number: int, answer: str, by: str, reason: str, typed: str, hosts: list[str] | None
    ) -> None:
        """Take an answer; raise RunError with why not. It is on disk when this returns."""
        try:
            given = Answer(answer)
        except ValueError:
            raise RunError(f"{answer!r} is no answer") from None
        gate, state = self._state.gate, self._state
        why = refusal(state.plan, state, number, given, typed, reason, hosts)
        if gate is None or why:
            raise RunError(why)
        self._write(gate, given, by, reason, self._value(gate, given, typed), hosts)
        await self._scribe.commit()

    def clock_was_set(self) -> None:
        """Move the end of a wait for a moment that the runbook names, should the wall clock disagree."""
        gate = self._state.gate
        if gate is None or gate.until is None or "at" not in gate.evidence:
            return
        left = datetime.fromisoformat(gate.evidence["at"]) - datetime.now().astimezone()
        until = self._scribe.now() + int(left.total_seconds() * 1e9)
        wait = self._state.plan.step_of(self._state.plan.turns[gate.turn]).step.options.wait
        until = max(until, gate.asked + int((wait or 0.0) * 1e9))
        if abs(until - gate.until) >= JUMP:
            self._scribe.record("gate.until", gate=gate.number, until=until)
            self._signals.wake()

    def deviate(self, turn: Turn, answer: Answer, reason: str, by: str, hosts: list[str]) -> None:
        """Record an answer that departs from the document, with the hosts it is about."""
        if answer in (Answer.SKIP, Answer.LEAVE_OUT, Answer.BY_HAND):
            gate = self._state.gate
            before = gate is not None and gate.at is At.START
            step = At.START.value if before else self._state.plan.step_of(turn).step.id
            fields = {"turn": turn.index, "step": step, "what": answer.value, "reason": reason, "by": by}
            self._scribe.record_hosts("deviation", hosts, **fields)

    def _value(self, gate: Gate, answer: Answer, typed: str) -> str | None:
        """Return the value given at an input gate, as it may be written down; None: there is none."""
        if gate.at is not At.INPUT or answer is not Answer.GO:
            return None
        wanted = input_at(self._state.plan, gate)
        value = typed or wanted.default or ""
        if wanted.secret:
            self._scribe.secrets.add(wanted.name, value)
            return None
        if self._scribe.secrets.hide(value) != value:
            raise RunError("the value holds a secret, and it would be recorded")
        return value

    def _write(
        self,
        gate: Gate,
        answer: Answer,
        by: str,
        reason: str,
        value: str | None = None,
        hosts: list[str] | None = None,
    ) -> None:
        turn = self._state.plan.turns[gate.turn]
        turn_state = self._state.turns[gate.turn]
        meant = list(turn_state.hosts) if answer is Answer.SKIP else gate.meant(turn_state, hosts)
        if gate.at is At.START:
            meant = self._state.unreached()
        self.deviate(turn, answer, reason, by, meant)
        fields: dict[str, Any] = {"gate": gate.number, "answer": answer.value, "by": by}
        if reason:
            fields["reason"] = reason
        if hosts is not None:
            fields["hosts"] = hosts
        if self._state.rounds and self._state.rounds[-1].began >= gate.asked:
            fields["tests"] = self._state.rounds[-1].number
        if gate.at is At.INPUT and answer is Answer.GO:
            fields["value"] = value
        self._scribe.record("gate.answer", **fields)
