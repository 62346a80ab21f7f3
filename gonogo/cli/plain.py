"""The run in plain lines: for no terminal, dumb terminals, screen readers and serial consoles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from gonogo.errors import RunError
from gonogo.report.story import Story, span
from gonogo.run.client import LiveLink
from gonogo.run.runner import NEEDS_REASON
from gonogo.run.state import At, Gate, Record, RunState
from gonogo.text import clean_line, many

from .answers import Answers, Given
from .byhand import ByHand, after_tests, ring
from .terminal import run_in_terminal


class PlainScreen:
    """Tells the story as it happens and answers gates from the file or from the keyboard.

    `aside`: on standard error.
    """

    def __init__(self, answers: Answers, *, interactive: bool, aside: bool = False) -> None:
        self._aside = aside
        self._answers = answers
        self._interactive = interactive
        self._story: Story | None = None
        self._rang: int | None = None

    async def run(self, run: Path, who: str, *, drive: bool = True, take: bool = False) -> int:
        """Show a run until it ends or is left; return the exit code."""
        lend = run_in_terminal if self._interactive else None
        link = await LiveLink.connect(run, who, drive=drive, take=take, on_record=self._on_record, lend=lend)
        try:
            return await self._until_end(link)
        finally:
            await link.close()

    def _on_record(self, state: RunState, record: Record) -> None:
        """Tell a record right after it was folded in: the state is as it was then."""
        if self._story is None:
            self._story = Story(state)
        for line in self._story.feed(record):
            click.echo(line, err=self._aside)

    async def _until_end(self, link: LiveLink) -> int:
        async for _ in link.changes():
            state = link.state
            self._ring_for(state)
            if state.trouble:
                click.echo(f"error: {clean_line(state.trouble)}", err=True)
                return 4
            if state.result is not None:
                return 0 if state.result == "go" else 1
            if state.gate is not None and link.driving and not await self._at_gate(link, state.gate):
                return await self._leave(link)
            if state.paused and state.gate is None and link.driving and not self._interactive:
                return await self._leave(link)
        if not link.driving and link.state.result is None:
            raise RunError(clean_line(link.ended), f"`gonogo resume {link.directory.name}` goes on with it.")
        return 3

    def _ring_for(self, state: RunState) -> None:
        """Ring when a monitor came to stand worse since the last look; what was before is old news."""
        rang = sum(one.rang for one in state.monitors.values())
        if self._interactive and self._rang is not None and rang > self._rang:
            ring()
        self._rang = rang

    async def _at_gate(self, link: LiveLink, gate: Gate) -> bool:
        """Answer a gate; return False when nobody here can."""
        if gate.at is At.WAIT or self._answers.awaits(link.state, gate):
            return True
        given = self._answers.take(link.state, gate)
        if given is not None:
            return await self._as_given(link, gate, given)
        if not self._interactive:
            return False
        return await ByHand(link).at_gate(gate)

    async def _as_given(self, link: LiveLink, gate: Gate, given: Given) -> bool:
        """Give an answer of the file; return False when it is not taken, and a person has to come."""
        reason = given.reason or ("as given beforehand" if given.answer in NEEDS_REASON else "")
        try:
            if given.note:
                await link.note(given.note)
            if given.test:
                await link.act("test")
                await after_tests(link)
            await link.answer(gate.number, given.answer, reason=reason, typed=given.typed, hosts=given.hosts)
        except RunError as error:
            if link.ended:
                raise
            click.echo(f"   not taken: {error.what}", err=self._aside)
            return False
        return True

    async def _leave(self, link: LiveLink) -> int:
        gate = link.state.gate
        name = link.directory.name
        if self._interactive:
            click.echo(
                f"-- detached; the run waits. `gonogo attach {name}` comes back to it.", err=self._aside
            )
            return 3
        await link.stop()
        question = clean_line(gate.question if gate else link.state.paused)
        click.echo(f"-- this needs a person: {question}", err=self._aside)
        click.echo(
            f"   the run is paused. `gonogo resume {name}` goes on with it in a terminal.", err=self._aside
        )
        return 3


def closing(state: RunState, run: Path) -> Iterator[str]:
    """Yield the lines that say where everything is."""
    word = {"go": "GO", "no-go": "NO-GO", "aborted": "ABORTED"}.get(state.result or "", "waiting")
    yield ""
    decided, noted = many(len(state.decisions), "decision"), many(len(state.notes), "note")
    yield f"{word} after {span(state.now)}: {decided}, {noted}, {many(len(state.deviations), 'deviation')}"
    yield f"trail:   {run / 'audit.jsonl'}"
    yield f"replay:  gonogo replay {run.name}"
    yield f"report:  gonogo report {run.name} --to html"
    yield f"verify:  gonogo verify {run.name}"
