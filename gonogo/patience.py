"""Work over what others wrote, with an end to one's patience."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

T = TypeVar("T")
SECONDS = 0.5
"""A pattern or a comparison can take for ever over a text that was made for it; a good one takes a few
milliseconds over 1 MiB."""


class TooSlow(Exception):
    """It took too long."""


def patiently(work: Callable[[], T]) -> T:
    """Return what the work gives; raise TooSlow some time after SECONDS.

    `re` looks for signals now and then while it works, so an alarm ends it, too. Outside of the main thread
    there are none, and the time is not bounded.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    before = signal.signal(signal.SIGALRM, _alarm)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        return work()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _alarm(number: int, frame: FrameType | None) -> None:
    raise TooSlow
