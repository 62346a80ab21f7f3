"""Lending the operator's terminal to a program: an interactive step, a shell on a host."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence

import click

from gonogo.text import clean_line

NOT_FOUND = 127


def run_in_terminal(argv: Sequence[str], title: str) -> int:
    """Run a program here and wait for its end; return its exit code, or minus the signal that ended it.

    What is pressed goes to the program, the interrupt key too. The terminal's settings are put back.
    """
    click.echo(f"-- {clean_line(title)}: your terminal is its own until it ends", err=True)
    if shutil.which(argv[0]) is None:
        click.echo(f"error: {clean_line(argv[0])} is not installed here", err=True)
        return NOT_FOUND
    sys.stdout.flush()
    with uninterrupted(), kept_settings():
        code = subprocess.run(argv, check=False).returncode
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
