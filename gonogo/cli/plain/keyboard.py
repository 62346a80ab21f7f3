"""The keyboard of a terminal that hands over each key as it comes, and how it is given back."""

from __future__ import annotations

import contextlib
import os
import signal
import termios
from collections.abc import Callable
from typing import Any

from ..terminal import ENDING, Parting


class Keyboard:
    """Takes keys without the terminal's echo; the keys that interrupt and stop stay what they are.

    Between `open` and `close` a signal that ends or stops the process finds the terminal's settings put back.
    `again` is called, wherever the process is just then, when it goes on behind a stop.
    """

    def __init__(self, fd: int, again: Callable[[], object]) -> None:
        self._fd, self._again = fd, again
        self._taken = False
        self._parting = Parting((*ENDING, signal.SIGTSTP), self._leave, self._come_back)

    def open(self) -> None:
        """Take the keys from now on; what was typed before answers nothing."""
        self._before = termios.tcgetattr(self._fd)
        termios.tcflush(self._fd, termios.TCIFLUSH)
        self._parting.open()
        self.take()

    def close(self) -> None:
        """Put everything back."""
        self.let_go()
        self._parting.close()

    def take(self) -> None:
        """Have each key as it comes."""
        mode: list[Any] = termios.tcgetattr(self._fd)
        mode[3] &= ~(termios.ICANON | termios.ECHO)
        mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
        self._set(mode)
        self._taken = True

    def let_go(self) -> None:
        """Leave the terminal as it was found."""
        self._set(self._before)
        self._taken = False

    def _set(self, mode: list[Any]) -> None:
        with contextlib.suppress(termios.error):  # the terminal went away
            termios.tcsetattr(self._fd, termios.TCSANOW, mode)

    def _leave(self) -> None:
        self._set(self._before)

    def _come_back(self) -> None:
        # In the background the terminal is not ours.
        with contextlib.suppress(OSError):
            if self._taken and os.tcgetpgrp(self._fd) == os.getpgrp():
                self.take()
                self._again()
