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
        self._fd = fd
        self._parting = Parting((*ENDING, signal.SIGTSTP), self.let_go, again)

    def open(self) -> None:
        """Take the keys from now on; what was typed before answers nothing."""
        # A shell that has this in the background stops it here, and settings are its own until it lets go.
        termios.tcflush(self._fd, termios.TCIFLUSH)
        self._before = termios.tcgetattr(self._fd)
        self._parting.open()
        self.take()

    def close(self) -> None:
        """Put everything back."""
        self.let_go()
        self._parting.close()

    @property
    def in_front(self) -> bool:
        """Whether keys come here: no shell has this in the background."""
        try:
            return os.tcgetpgrp(self._fd) == os.getpgrp()
        except OSError:  # no shell has a say at this terminal, or it went away
            return True

    def take(self) -> bool:
        """Have each key as it comes; return whether they were had otherwise before."""
        try:
            found: list[Any] = termios.tcgetattr(self._fd)
        except termios.error:  # the terminal went away
            return False
        mode = [*found[:6], [*found[6]]]
        mode[3] &= ~(termios.ICANON | termios.ECHO)
        mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
        if mode == found:
            return False
        self._set(mode)
        return True

    def let_go(self) -> None:
        """Leave the terminal as it was found."""
        self._set(self._before)

    def _set(self, mode: list[Any]) -> None:
        # In the background the settings are somebody else's, and who changes them there is stopped.
        if self.in_front:
            with contextlib.suppress(termios.error):  # the terminal went away
                termios.tcsetattr(self._fd, termios.TCSANOW, mode)
