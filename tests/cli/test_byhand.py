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

from gonogo.cli.answers import Answers
from gonogo.cli.plain import PlainScreen
from gonogo.run.client import LiveLink
from gonogo.run.state import Answer
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
