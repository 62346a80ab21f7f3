"""What a person hears before an answer: what lies ahead of a run, what a step runs, what each answer does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from gonogo.errors import GonogoError
from gonogo.hosts.here import LOCALHOST
from gonogo.run.client import LiveLink
from gonogo.run.state import WHOLE, Answer, At, Gate, RunState
from gonogo.text import many
from gonogo.tui.choices import Choice, choices
from gonogo.tui.evidence import missing
from gonogo.tui.mistakes import Mistake, page

from . import step

_RUNS = (At.GO, At.BATCH, At.TYPED, At.APPROVE)
"""Questions whose go runs the step's command."""

_SPOKEN = {"▲ ": "changes: ", "○ ": "reads: ", "◇ ": "asks: "}
"""Signs of steps that stand alone on the screen, in words."""


class Before:
    """Tells each thing once, when its question comes."""

    def __init__(self, link: LiveLink) -> None:
        self._link = link
        self._asked = 0
        """The latest question that was told."""
        self._ahead = False
        self._told: dict[int, str] = {}
        """Step -> its command when it was told."""
        self._mistakes: tuple[Mistake, ...] | None = None

    async def question(self, gate: Gate) -> list[str]:
        """Return what to know before a question is answered; nothing when it was told."""
        if self._asked == gate.number:
            return []
        self._asked = gate.number
        lines = await self._preflight(gate) if gate.at is At.START else []
        if gate.at not in WHOLE:
            lines += self._step(self._link.state.plan.turns[gate.turn].step)
        return [*lines, *answers(self._link.state, gate)]

    def findings(self) -> list[str]:
        """Return what check found in the runbook, if it was looked for."""
        if self._mistakes is None:
            return ["The runbook was not checked here."]
        return step.texts_of(page(self._mistakes, step.columns()))

    def _step(self, number: int) -> list[str]:
        """Return all of a step; a second time in short, if it still runs what it did."""
        state = self._link.state
        script = state.script_of(number)
        if self._told.get(number) == script:
            return list(step.in_short(state, number))
        self._told[number] = script
        return list(step.described(state, number))

    async def _preflight(self, gate: Gate) -> list[str]:
        from gonogo.tui.outline import Outline
        from gonogo.tui.pace import NOTHING, expected
        from gonogo.tui.preflight import Known, preflight

        from ..mistaken import of_run
        from ..usual import usual

        state = self._link.state
        if self._ahead or not state.plan.preflight:
            return []
        self._ahead = True
        learned = NOTHING
        # What cannot be looked up is left out, as on the screen; the question comes all the same.
        with contextlib.suppress(GonogoError, OSError):
            learned = await asyncio.to_thread(usual, state.start, self._link.directory.parent)
        with contextlib.suppress(GonogoError, OSError):
            self._mistakes = await asyncio.to_thread(of_run, state.start)
        known = Known(expected(Outline(state.plan), state, learned), self._mistakes, "findings", told=True)
        lines = preflight(state, known, step.columns() - len("changes:"))
        return step.texts_of(
            [tuple((_SPOKEN.get(text, text), style) for text, style in one) for one in lines]
        )


def answers(state: RunState, gate: Gate) -> Iterator[str]:
    """Yield each answer with what it does to how many hosts."""
    for way in choices(state, gate):
        reason = " (with a reason)" if way.reason else ""
        yield f"{way.answer.value}: {_effect(state, gate, way)}{reason}"


def _effect(state: RunState, gate: Gate, way: Choice) -> str:
    if way.answer is not Answer.GO or gate.at not in _RUNS:
        return way.effect or way.label
    hosts = state.turns[gate.turn].to_run()
    where = "this machine" if hosts == [LOCALHOST] else many(len(hosts))
    lacks = missing(state, gate) if gate.at is At.APPROVE else 0
    return f"run it on {where}" + (
        f", when {lacks} more {'has' if lacks == 1 else 'have'} signed" if lacks else ""
    )
