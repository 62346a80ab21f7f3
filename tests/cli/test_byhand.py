"""Plain lines at a terminal, while somebody else answers elsewhere."""

from __future__ import annotations

import asyncio
import os
import pty
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gonogo.cli import byhand_looks
from gonogo.cli.answers import Answers
from gonogo.cli.plain import PlainScreen
from gonogo.run.client import LiveLink
from gonogo.run.state import Answer
from gonogo.trail.output import OutputWriter, output_path
from tests.run.test_server import run, served

__all__ = ["run", "served"]
PATIENCE = 30.0


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Sit at a terminal: what is written to this descriptor is typed there."""
    keyboard, end = pty.openpty()
    with (
        os.fdopen(end, "r") as lines,
        os.fdopen(os.dup(end), "w", buffering=1) as shown,
        monkeypatch.context() as patch,
    ):
        patch.setattr(sys, "stdin", lines)
        patch.setattr(sys, "stderr", shown)
        yield keyboard
    os.close(keyboard)


def _sit(run: Path) -> asyncio.Task[int]:
    return asyncio.create_task(PlainScreen(Answers(), interactive=True).run(run, "ann@desk"))


async def _shown(keyboard: int, word: bytes) -> bytes:
    """Return what came to the terminal, once this word is there."""
    found = b""
    while word not in found:
        found += await asyncio.to_thread(os.read, keyboard, 4096)
    return found


async def test_a_question_rings_and_takes_a_typed_line(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bell calls whoever went for coffee; the answer is a word."""
    async with asyncio.timeout(PATIENCE):
        with terminal(monkeypatch) as keyboard:
            work = _sit(run)
            assert b"\a" in await _shown(keyboard, b"detach]")
            os.write(keyboard, b"go\n")
            assert await work == 0


async def test_an_answer_from_elsewhere_ends_the_question(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who took over answers, and the terminal that still asked goes on with the run's end, without a key."""
    async with asyncio.timeout(PATIENCE):
        with terminal(monkeypatch) as keyboard:
            work = _sit(run)
            await _shown(keyboard, b"detach]")
            other = await LiveLink.connect(run, "bob@sofa", take=True)
            assert other.state.gate is not None
            await other.answer(other.state.gate.number, Answer.GO)
            assert await work == 0
            await other.close()


async def test_steps_hosts_output_and_notes_are_told_at_a_question(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the screen shows in panes is asked for by a word; a step has a number there, a mistake is told."""
    async with asyncio.timeout(PATIENCE):
        with terminal(monkeypatch) as keyboard:
            work = _sit(run)
            await _shown(keyboard, b"detach]")
            for typed, wanted in (
                (b"steps\n", b"> 1. "),
                (b"hosts\n", b"4 hosts pending: h[0-3]"),
                (b"notes\n", b"No note was written yet."),
                (b"note it is late\n", b"detach]"),
                (b"notes\n", b"ann@desk: it is late"),
                (b"output nobody\n", b"not taken: the step has no host 'nobody'"),
                (b"output h0 stop\n", b"(printed nothing)"),
                (b"hosts 7\n", b"not taken: there is no step '7'"),
                (b"shell\n", b"not taken: name the host"),
            ):
                os.write(keyboard, typed)
                await _shown(keyboard, wanted)
            os.write(keyboard, b"go\n")
            assert await work == 0


async def test_a_host_s_output_is_told_to_its_end(run: Path) -> None:
    """The latest attempt's, cleaned; of a long one the end, and how long it is."""
    link = await LiveLink.connect(run, "ann@desk")
    state = link.state
    state.turns[0].attempt = 1
    writer = OutputWriter(output_path(run, 0, 1))
    writer.write(1, "h0", "o", b"one\x1b[31m\n" + b"x" * 70_000 + b"\nlast")
    writer.write(1, "other", "o", b"not this\n")
    writer.close()
    told = list(byhand_looks.output(run, state, "h0 1"))
    assert told[0] == "... the last 65,536 of 70,014 bytes"
    assert told[-1] == "last"
    assert byhand_looks.step_id(state, "1") == state.plan.steps[0].step.id
    assert byhand_looks.step_id(state, "2") == "2"
    await link.close()
