"""The program itself, with a watch on its event loop: `python -m bench.watched FILE ARGUMENTS`.

At each SIGUSR1 it writes to FILE how late the loop was since the one before, in seconds: p99 and worst.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from .measure import Row, milliseconds, percentile
from .terminal import Terminal

EVERY = 0.01
"""Seconds between two looks at the clock."""
LATE = 0.02
"""Seconds that nothing on the loop may take longer than."""


class Policy(asyncio.DefaultEventLoopPolicy):
    """Gives loops that are watched."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self._late: list[float] = [0.0]

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """Return a loop that writes how late it was when it is asked."""
        loop = super().new_event_loop()
        loop.call_soon(self._look, loop, loop.time())
        loop.call_soon(loop.add_signal_handler, signal.SIGUSR1, self._tell)
        return loop

    def _look(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        now = loop.time()
        self._late.append(now - due)
        loop.call_at(now + EVERY, self._look, loop, now + EVERY)

    def _tell(self) -> None:
        told = json.dumps([percentile(self._late, 99), max(self._late)])
        fresh = self._file.with_suffix(".new")
        fresh.write_text(told)
        fresh.replace(self._file)
        self._late = [0.0]


def lag(terminal: Terminal, file: Path) -> tuple[float, float]:
    """Return how late a watched program's loop was since the last time, in seconds: p99 and worst."""
    file.unlink(missing_ok=True)
    os.kill(terminal.pid, signal.SIGUSR1)
    for _ in range(500):
        terminal.rest(0.01)
        if file.exists():
            p99, worst = json.loads(file.read_text())
            return p99, worst
    raise RuntimeError("the program's loop does not answer")


def lateness(late: tuple[float, float]) -> Row:
    """Make the row of what `lag` returned."""
    p99, worst = late
    beside = f"worst {milliseconds(worst)}"
    return Row("  event loop late, p99", milliseconds(p99), beside, None, "<= 20 ms", p99 <= LATE)


def main() -> None:
    """Run the command line with the arguments behind the file's name."""
    from gonogo.cli import main as gonogo

    asyncio.set_event_loop_policy(Policy(Path(sys.argv[1])))
    sys.argv[1:] = sys.argv[2:]
    gonogo()


if __name__ == "__main__":
    main()
