"""What reaches a run from outside while it waits: an answer, a cancel, the word to leave."""

from __future__ import annotations

import asyncio


class Signals:
    """Set by whoever speaks to the run; the run looks at them whenever it wakes."""

    def __init__(self) -> None:
        self.stopping = False
        """The run's process is to leave where it next waits."""
        self.cancelled = False
        """What is out on hosts, or would go out next, is to end."""
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Have the run look again at where it stands."""
        self._wake.set()

    def stop(self) -> None:
        """Have the run's process leave where it next waits."""
        self.stopping = True
        self._wake.set()

    def cancel(self) -> None:
        """Have what is about to go out to hosts not go."""
        self.cancelled = True
        self._wake.set()

    async def wait(self, seconds: float | None = None) -> bool:
        """Return True at the next signal, False when there was none for so many seconds."""
        self._wake.clear()
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return False
        return True
