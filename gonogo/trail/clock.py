"""The run's clock: nanoseconds since the run began, unmoved by wall-clock jumps."""

from __future__ import annotations

import time

# CLOCK_BOOTTIME counts suspended time too; macOS's monotonic clock is the nearest it has.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
JUMP = 1_000_000_000
"""A drift of the wall clock against ours beyond this (1 s) is recorded."""


class RunClock:
    """Counts from `begun` nanoseconds on; tells when the wall clock jumped."""

    def __init__(self, begun: int = 0) -> None:
        self._zero = time.clock_gettime_ns(_CLOCK) - begun
        self._wall = time.time_ns() - begun

    def now(self) -> int:
        """Return nanoseconds since the run began."""
        return time.clock_gettime_ns(_CLOCK) - self._zero

    def jump(self) -> int:
        """Return by how much the wall clock jumped since the last call; 0 below JUMP."""
        drift = time.time_ns() - self._wall - self.now()
        if abs(drift) < JUMP:
            return 0
        self._wall += drift
        return drift
