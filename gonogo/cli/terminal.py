"""Lending the operator's terminal to a program: an interactive step, a shell on a host."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import click

from gonogo.text import clean_line

NOT_FOUND = 127
ENDING = (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM)
"""What ends this process without a word to it."""
_MODES = b"".join(b"\x1b[?%dl" % mode for mode in (1000, 1003, 1006, 1015, 1004, 2004, 2048, 1049))
"""No mouse, no word of focus or size, no marks around what is pasted, the screen's contents from before."""
_LEAVE = b"\x1b[<u" + _MODES + b"\x1b[?7h\x1b[?25h\x1b[0m"
"""Keys as they were, no modes, lines that wrap, a cursor, no colours."""


def run_in_terminal(argv: Sequence[str], title: str) -> int:
    """Run a program here and wait for its end; return its exit code, or minus the signal that ended it.

    What is pressed goes to the program, the interrupt key too. The terminal's settings are put back.
    """
    if not _begun(argv, title):
        return NOT_FOUND
    with uninterrupted(), kept_settings():
        code = subprocess.run(argv, check=False).returncode
    return _ended(title, code)


async def run_meanwhile(argv: Sequence[str], title: str) -> int:
    """Do the same while the event loop goes on."""
    import asyncio

    if not _begun(argv, title):
        return NOT_FOUND
    with uninterrupted(), kept_settings():
        program = await asyncio.create_subprocess_exec(*argv)
        code = await program.wait()
    return _ended(title, code)


def _begun(argv: Sequence[str], title: str) -> bool:
    """Say that the terminal is lent; return whether the program is there."""
    click.echo(f"-- {clean_line(title)}: your terminal is its own until it ends", err=True)
    if shutil.which(argv[0]) is None:
        click.echo(f"error: {clean_line(argv[0])} is not installed here", err=True)
        return False
    sys.stdout.flush()
    return True


def _ended(title: str, code: int) -> int:
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    click.echo(f"-- {clean_line(title)}: ended with {how}", err=True)
    return code


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Leave the interrupt key to the program. A handler, not SIG_IGN: that one the program would inherit."""
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Have what ends or interrupts this process wait until the work in here is done."""
    came: list[int] = []
    numbers = [one for one in (*ENDING, signal.SIGINT) if signal.getsignal(one) is not signal.SIG_IGN]
    before = {one: signal.signal(one, lambda number, _: came.append(number)) for one in numbers}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        if came:
            signal.raise_signal(came[0])


class Parting:
    """Calls `leave` before a signal ends this process, or stops it as ctrl-z does.

    `again` is called when the process goes on behind a stop, wherever it is just then.
    """

    def __init__(
        self,
        numbers: Sequence[signal.Signals],
        leave: Callable[[], object],
        again: Callable[[], object] = lambda: None,
    ) -> None:
        self._numbers, self._leave, self._again = numbers, leave, again
        self._handled: list[signal.Signals] = []

    def open(self) -> None:
        """Mind signals from now on; what is ignored, as under nohup, stays so."""
        self._handled = [one for one in self._numbers if signal.getsignal(one) is signal.SIG_DFL]
        for one in self._handled:
            signal.signal(one, self._pass_on)

    def close(self) -> None:
        """Mind them no more."""
        for one in self._handled:
            signal.signal(one, signal.SIG_DFL)

    def _pass_on(self, number: int, _: object) -> None:
        self._leave()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
        # Only behind a stop does it go on here.
        signal.signal(number, self._pass_on)
        self._again()


@contextlib.contextmanager
def screen_left() -> Iterator[None]:
    """Have the terminal as it was before a screen, also when a signal ends this process meanwhile."""
    import termios

    if not os.isatty(0):
        yield
        return
    before = termios.tcgetattr(0)

    def leave() -> None:
        with contextlib.suppress(termios.error, OSError):  # the terminal went away
            termios.tcsetattr(0, termios.TCSANOW, before)
            os.write(2, _LEAVE)

    parting = Parting(ENDING, leave)
    parting.open()
    threading.Thread(target=_mind_hangup, daemon=True).start()
    try:
        yield
    finally:
        parting.close()


def _mind_hangup() -> None:
    """Have this process hear of its terminal's end where nobody says so: only a session's leader is told.

    A shell passes it on, `make` does not; a screen that draws would wait for the terminal for ever.
    Said once a second until it ends: Python misses a signal that comes just before it begins to wait.
    """
    watch = select.poll()
    watch.register(0, 0)
    while any(event & select.POLLHUP for _, event in watch.poll()):
        os.kill(os.getpid(), signal.SIGHUP)
        time.sleep(1)


@contextlib.contextmanager
def kept_settings() -> Iterator[None]:
    """Put the terminal's settings back, whatever a program does to them."""
    if not os.isatty(sys.stdin.fileno()):
        yield
        return
    import termios

    before = termios.tcgetattr(sys.stdin)
    try:
        yield
    finally:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
