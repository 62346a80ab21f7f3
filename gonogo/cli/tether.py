"""A run that is not to outlive whoever began it: a rehearsal, whose hosts go with them."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.errors import GonogoError
from gonogo.fork import fork

if TYPE_CHECKING:
    from gonogo.run.client import LiveLink

PATIENCE = 60.0
"""Seconds that a run is given to end what is out on its hosts."""
_WHY = "the rehearsal was ended"


class Tether:
    """Ends a run when this process lets go of it, or goes itself, in whatever way.

    A process of its own waits for that. It holds open what this one has open, also a lab's leash: the hosts
    outlast the run. Make it while there is no other thread.
    """

    def __init__(self) -> None:
        ear, self._mouth = os.pipe()
        self._pid = fork(lambda: _outlive(ear, self._mouth))
        os.close(ear)

    def tie(self, run: Path) -> None:
        """Have it end this run."""
        os.write(self._mouth, os.fsencode(run) + b"\0")

    def cut(self) -> None:
        """Leave the run be, whatever happens."""
        os.write(self._mouth, b"\0")

    def pull(self) -> None:
        """Return once the run is over, which is ended if it is tied."""
        os.close(self._mouth)
        os.waitpid(self._pid, 0)


def _outlive(ear: int, mouth: int) -> int:
    """Wait for the other process's end, then end its run."""
    os.close(mouth)
    with open(ear, "rb") as pipe:
        *_, last, _ = (b"", *pipe.read().split(b"\0"))
    if last:
        with contextlib.suppress(GonogoError, OSError):
            asyncio.run(_end(Path(os.fsdecode(last))))
    return 0


async def _end(run: Path) -> None:
    """End a run as somebody who drives does, and return when its process has left."""
    from gonogo.run.client import LiveLink

    from .starting.launch import who

    moved = asyncio.Event()
    link = await LiveLink.connect(run, who(), take=True, on_record=lambda *_: moved.set())
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                async for _ in link.changes():
                    # An answer to what was pushed is a change, too, and no reason to push again.
                    if moved.is_set():
                        moved.clear()
                        await _push(link)
    finally:
        if not link.ended:
            await link.stop()
        await link.close()


async def _push(link: LiveLink) -> None:
    """Answer what is asked with an end, or cancel what is out, unless that ended by itself a moment ago."""
    from gonogo.run.state import Answer

    state = link.state
    if state.result is not None:
        return
    with contextlib.suppress(GonogoError):
        if state.gate is not None and state.testing is None:
            wanted = (Answer.ABORT, Answer.NO_GO, Answer.SKIP, Answer.GO)
            answer = next(one for one in wanted if one in state.gate.choices)
            await link.answer(state.gate.number, answer, reason=_WHY)
        elif state.paused:
            await link.stop()
        else:
            await link.cancel()
