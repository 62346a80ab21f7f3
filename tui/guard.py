"""Keeps a key that was meant for one question from answering the next."""

from __future__ import annotations

from collections.abc import Callable

PAUSE = 0.4
"""Seconds that a gate stands on the screen, and that the answering keys rest, before one is taken.

Terminals repeat a held key every 30 to 50 ms, after a first 0.25 to 0.5 s.
"""


class Guard:
    """Knows since when a gate is in sight. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._gate: int | None = None
        self._since = self._pressed = float("-inf")

    def sees(self, gate: int | None) -> bool:
        """Say which gate can be read on the screen now, if any; return whether it is a new one."""
        if gate == self._gate:
            return False
        self._gate, self._since = gate, self._clock()
        return gate is not None

    def takes(self, gate: int) -> bool:
        """Return whether an answering key, pressed now, is meant for this gate."""
        now = self._clock()
        rested, self._pressed = now - self._pressed >= PAUSE, now
        return gate == self._gate and now - self._since >= PAUSE and rested
