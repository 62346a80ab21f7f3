"""A real run behind the screen: each question that a runbook can ask, answered with keys."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from textual.pilot import Pilot

from gonogo.errors import RunError
from gonogo.run.client import LiveLink
from gonogo.run.state import At
from gonogo.tui.apps.run import RunApp
from gonogo.tui.guard import Guard
from gonogo.tui.screens.run import RunScreen

from .test_screen import Time

TRIES = 600
"""Looks at the run, 50 ms apart, before a question counts as never asked."""


class Operator:
    """Somebody at the keys of a real run."""

    def __init__(self, pilot: Pilot[str], link: LiveLink, time: Time) -> None:
        self.pilot, self.link, self.time = pilot, link, time
        self._last = 0

    async def asked(self, at: At) -> None:
        """Wait for the next question and hold it against what was expected."""
        for _ in range(TRIES):
            gate = self.link.state.gate
            if gate is not None and gate.number > self._last:
                break
            await self.pilot.pause(0.05)
        gate = self.link.state.gate
        assert gate is not None
        assert gate.at is at, gate
        self._last = gate.number
        await self.rest()

    async def rest(self) -> None:
        """Let the screen show what there is, and the keys rest."""
        for screen in self.pilot.app.screen_stack:
            if isinstance(screen, RunScreen):
                screen.repaint()
        await self.pilot.pause(0.05)
        self.time.at += 1

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self.pilot.press(*keys)
        await self.rest()

    async def type(self, text: str) -> None:
        """Type a text and say it."""
        await self.press(*text, "enter")


async def drive(one: Operator) -> None:
    """Answer everything: go, values, a jump past what never comes, counts, a rollback, a skip."""
    for at in (At.START, At.CONFIRM, At.GO):
        await one.asked(at)
        await one.press("g")
    await one.asked(At.INPUT)
    await one.press("down", "enter")
    await one.asked(At.INPUT)
    await one.type("hunter2hunter2")
    await one.asked(At.FAILURE)
    await one.press("J", "6", "enter", "f")
    await one.type("it never comes")
    await one.asked(At.WAIT)
    await one.press("g")
    await one.asked(At.CONFIRM)
    await one.press("g")
    await one.asked(At.TYPED)
    await one.press("g", "5", "enter")
    assert one.link.state.gate is not None
    await one.press("backspace")
    await one.type("6")
    await one.asked(At.BATCH)
    await one.press("g")
    await one.asked(At.TYPED)
    await one.press("g", "6", "enter")
    await one.asked(At.TYPED)
    await one.press("g", "6", "enter")
    await one.asked(At.FAILURE)
    await one.press("b", "y")
    await one.asked(At.ROLLED_BACK)
    await one.press("s")
    await one.type("it stays broken")
    await one.asked(At.TYPED)
    await one.press("g", "1", "enter")
    await one.asked(At.CONFIRM)
    await one.press("g")
    await one.asked(At.GO)
    await one.press("J", "6", "enter", "a")
    await one.type("once more")
    await one.asked(At.AGAIN)
    await one.press("s")
    await one.type("no need")
    await one.asked(At.GO)
    await one.press("s")
    await one.type("nobody looks")


def begun(folder: Path) -> Path:
    """Begin the run in a process of its own; return its directory."""
    script = (
        "import pathlib, gonogo.cli.starting.start as s; print(s.start(s.Wish(pathlib.Path('gates.md'))))"
    )
    words = [sys.executable, "-c", script]
    environment = os.environ | {"GONOGO_RUNS": str(folder / "runs")}
    done = subprocess.run(
        words, cwd=folder / "book", env=environment, capture_output=True, text=True, check=True
    )
    return Path(done.stdout.strip())


async def test_every_question_of_a_real_run(tmp_path: Path, root: Path) -> None:
    """The run ends, its trail holds each answer as it was given, and the secret is nowhere."""
    shutil.copytree(root / "tests" / "data" / "gates", tmp_path / "book")
    run = begun(tmp_path)
    link = await LiveLink.connect(run, "alice")
    app, time = RunApp(link), Time()
    try:
        async with app.run_test(size=(100, 30)) as pilot:
            screen = app.screen
            assert isinstance(screen, RunScreen)
            screen.guard = Guard(time)
            one = Operator(pilot, link, time)
            await drive(one)
            for _ in range(TRIES):
                if link.state.result is not None:
                    break
                await pilot.pause(0.05)
    finally:
        with contextlib.suppress(RunError):
            await link.stop()
        await link.close()
    assert link.state.result == "go"
    records = [json.loads(line) for line in (run / "audit.jsonl").read_bytes().splitlines()]
    answers = [one.get("value") for one in records if one["k"] == "gate.answer" and "value" in one]
    assert answers == ["icehouse", None]
    jumps = [(one["how"], one["reason"]) for one in records if one["k"] == "jump"]
    assert jumps == [("forward", "it never comes"), ("again", "once more")]
    kept = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert not any(b"hunter2" in data for data in kept)
