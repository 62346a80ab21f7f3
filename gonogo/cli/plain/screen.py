"""The run in plain lines: for no terminal, dumb terminals, screen readers and serial consoles."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gonogo.errors import RunError
from gonogo.report.story import Story
from gonogo.run.client import LiveLink
from gonogo.run.link import Lend
from gonogo.run.state import At, Gate, Record, RunState
from gonogo.run.words import NEEDS_REASON
from gonogo.text import clean_line

from ..answers import Answers, Given
from ..unheard import silence

if TYPE_CHECKING:
    from .byhand import ByHand
    from .lines import Lines


class PlainScreen:
    """Tells the story as it happens and answers gates from the file or from the keyboard.

    `aside`: on standard error, without what hosts print: standard output gets that.
    """

    def __init__(self, answers: Answers, *, interactive: bool, aside: bool = False) -> None:
        self._aside = aside
        self._answers = answers
        self._interactive = interactive
        self._story: Story | None = None
        self._rang: int | None = None
        self._lines: Lines | None = None
        self._taught = False
        self._lending = asyncio.Lock()

    async def run(self, run: Path, who: str, *, drive: bool = True, take: bool = False) -> int:
        """Show a run until it ends or is left; return the exit code."""
        with _lines() if self._interactive else nullcontext() as self._lines:
            lend = self._lend if self._interactive else None
            link = await LiveLink.connect(
                run, who, drive=drive, take=take, on_record=self._on_record, lend=lend
            )
            try:
                return await self._until_end(link)
            finally:
                await link.close()

    async def _lend(self, argv: Sequence[str], title: str) -> int:
        """Run a program at the terminal, behind the one that has it; the run is followed all the while."""
        from ..terminal import run_meanwhile

        async with self._lending:
            with self._lines.released() if self._lines else nullcontext():
                return await run_meanwhile(argv, title)

    def _say(self, line: str) -> None:
        try:
            if self._lines is None:
                click.echo(line, err=self._aside)
            else:
                self._lines.say(line, err=self._aside)
        except BrokenPipeError:
            # Who read the story has seen enough; the run is led to its end all the same.
            silence(sys.stderr if self._aside else sys.stdout)

    def _on_record(self, state: RunState, record: Record) -> None:
        """Tell a record right after it was folded in: the state is as it was then."""
        if self._story is None:
            self._story = Story(state, outputs=not self._aside)
        for line in self._story.feed(record):
            self._say(line)
        if self._lines is not None:
            self._ring_for(state)
            self._teach(record)
            self._lines.stir()

    async def _until_end(self, link: LiveLink) -> int:
        hand = _hand(link, self._lines, self._lend) if self._lines else None
        self._rang = _rang(link.state)
        async for _ in link.changes():
            state = link.state
            if state.trouble:
                click.echo(f"error: {clean_line(state.trouble)}", err=True)
                return 4
            if state.result is not None:
                return 0 if state.result == "go" else 1
            if not await self._one_look(link, hand):
                return await self._leave(link)
        if not link.driving and link.state.result is None:
            raise RunError(clean_line(link.ended), f"`gonogo resume {link.directory.name}` goes on with it.")
        return 3

    async def _one_look(self, link: LiveLink, hand: ByHand | None) -> bool:
        """Answer what is asked, and take lines until something is; return False when the run is left."""
        gate = link.state.gate
        if gate is not None and self._asks(link):
            return await self._at_gate(link, gate, hand)
        if hand is None:
            return not (link.state.paused and gate is None and link.driving)

        def lasts() -> bool:
            state = link.state
            over = link.ended or state.result is not None or state.trouble
            return not over and state.gate is gate and not self._asks(link)

        return await hand.meanwhile(lasts, gate if link.driving else None)

    def _asks(self, link: LiveLink) -> bool:
        """Tell whether a question waits for who is here."""
        gate = link.state.gate
        if gate is None or not link.driving or gate.at is At.WAIT:
            return False
        return not self._answers.awaits(link.state, gate)

    def _ring_for(self, state: RunState) -> None:
        """Ring when a monitor came to stand worse; what was so before this screen is old news."""
        if self._rang is not None and (rang := _rang(state)) > self._rang:
            from .byhand import ring

            self._rang = rang
            ring()

    def _teach(self, record: Record) -> None:
        """Say once, while a command is out, that there is something to type."""
        if record["k"] == "step.plan" and self._lines and self._rang is not None and not self._taught:
            self._taught = True
            self._lines.say("          (`cancel` ends it, `help` lists what else can be typed)", err=True)

    async def _at_gate(self, link: LiveLink, gate: Gate, hand: ByHand | None) -> bool:
        """Answer a gate; return False when nobody here can."""
        given = self._answers.take(link.state, gate)
        if given is not None:
            return await self._as_given(link, gate, given)
        return hand is not None and await hand.at_gate(gate)

    async def _as_given(self, link: LiveLink, gate: Gate, given: Given) -> bool:
        """Give an answer of the file; return False when it is not taken, and a person has to come."""
        reason = given.reason or ("as given beforehand" if given.answer in NEEDS_REASON else "")
        try:
            if given.note:
                await link.note(given.note)
            if given.test:
                from .byhand import after_tests

                await link.act("test")
                await after_tests(link)
            await link.answer(gate.number, given.answer, reason=reason, typed=given.typed, hosts=given.hosts)
        except RunError as error:
            if link.ended:
                raise
            self._say(f"   not taken: {error.what}")
            return False
        return True

    async def _leave(self, link: LiveLink) -> int:
        gate = link.state.gate
        name = link.directory.name
        if self._interactive:
            goes = "waits" if gate else "goes on to the step's end, and waits at its next question"
            self._say(f"-- detached; the run {goes}. `gonogo attach {name}` comes back to it.")
            return 3
        await link.stop()
        question = clean_line(gate.question if gate else link.state.paused)
        click.echo(f"-- this needs a person: {question}", err=self._aside)
        click.echo(
            f"   the run is paused. `gonogo resume {name}` goes on with it in a terminal.", err=self._aside
        )
        return 3


def _lines() -> Lines:
    # 36 ms to load that nobody needs where no one types.
    from .lines import Lines

    return Lines()


def _hand(link: LiveLink, lines: Lines, lend: Lend) -> ByHand:
    from .byhand import ByHand

    return ByHand(link, lines, lend)


def _rang(state: RunState) -> int:
    return sum(one.rang for one in state.monitors.values())
