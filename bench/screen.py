"""From exec to the first painted screen, on a real terminal's other end."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

from gonogo.run.client import LiveLink
from gonogo.trail.rundir import list_runs

from .measure import Row, compared, interleave
from .startup import GONOGO

WORD = "Whistle"
"""A word that stands on both screens, and in nothing that a terminal is told besides."""
LIMIT = 30.0
"""Seconds after which a screen that has not come counts as an error."""

BARE = f"""
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("{WORD}")
Bare().run()
"""
RUNBOOK = f"""\
---
gonogo: 1
title: Bench
---
# Bench

### {WORD}

```sh
true
```
"""


def painted(*command: str) -> float:
    """Start a program on a terminal of 120x40; give the seconds until WORD is painted; end it."""
    begun = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        os.execve(command[0], command, os.environ | {"TERM": "xterm-256color"})
    seen = b""
    try:
        while WORD.encode() not in seen:
            piece = heard(terminal)
            if not piece:
                raise RuntimeError(f"{command[0]} painted nothing in time, or ended: {seen[-800:]!r}")
            seen += piece
        return time.perf_counter() - begun
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def heard(terminal: int) -> bytes:
    """Give what is painted next; nothing when LIMIT passed or the program ended."""
    if not select.select([terminal], [], [], LIMIT)[0]:
        return b""
    with contextlib.suppress(OSError):  # how Linux says that nobody holds the terminal's other end
        return os.read(terminal, 1 << 16)
    return b""


async def leave(run: Path) -> None:
    """Ask a run's process to go: it outlives its screen by design."""
    link = await LiveLink.connect(run, "bench", take=True)
    await link.stop()
    await link.close()


def run_screen(runbook: Path) -> float:
    """Begin a run with its screen, and end both."""
    taken = painted(GONOGO, "run", str(runbook))
    asyncio.run(leave(list_runs()[-1]))
    return taken


def rows() -> list[Row]:
    """Compare `gonogo run FILE`, its process and trail included, with a bare Textual app."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GONOGO_RUNS"] = str(Path(folder, "runs"))
        runbook = Path(folder, "bench.md")
        runbook.write_text(RUNBOOK)
        ours, bare = interleave(
            [lambda: run_screen(runbook), lambda: painted(sys.executable, "-c", BARE)], rounds=9
        )
    return [compared("first paint of the run screen", ours, "bare Textual app", bare, 1.5)]
