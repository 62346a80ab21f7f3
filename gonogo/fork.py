"""A process of its own that shares the memory of all that its parent has loaded."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Callable

_STANDARD_ERROR = 2


def fork(work: Callable[[], int], *, keep: int | None = None, errors: int | None = None) -> int:
    """Have work done by a new process, whose exit code it returns; return the process's number.

    The process leaves the terminal and the session, and its standard streams lead nowhere, but its standard
    error to the descriptor `errors`, if given. With `keep` it has no other open file but that descriptor.
    Nothing that the caller is in the middle of goes on in it. Raises OSError when there can be no further
    process.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    # What is searched for garbage is written to, and no longer shared. And garbage of the caller's might
    # close a descriptor that is another's by then.
    gc.freeze()
    if number := os.fork():
        return number
    code = 1
    try:
        _leave(keep, errors)
        code = work()
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        # Taking apart what is left of a thousand connections would take 0.1 s, too.
        os._exit(code)


def _leave(keep: int | None, errors: int | None) -> None:
    """Let go of the terminal, and of the caller's signal handlers and files."""
    os.setsid()
    for one in signal.valid_signals():
        if callable(signal.getsignal(one)):
            signal.signal(one, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDWR)
    for number, instead in enumerate((null, null, null if errors is None else errors)):
        os.dup2(instead, number)
    if keep is not None:
        _close_all_but(keep)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - to the end of the process
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115


def _close_all_but(keep: int) -> None:
    for number in map(int, os.listdir("/dev/fd")):
        if number > _STANDARD_ERROR and number != keep:
            with contextlib.suppress(OSError):  # the listing's own
                os.close(number)
