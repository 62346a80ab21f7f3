"""Questions to a person: on the screen where one of ours stands, else on the terminal."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Protocol

import click
from msgspec import Struct


class Wanted(Struct, frozen=True):
    """A value that is asked for."""

    text: str
    default: str | None = None
    secret: bool = False
    choices: tuple[str, ...] = ()


Fits = Callable[[str], str]
"""Returns the value for a text; raises click.UsageError when it is none."""


class Desk(Protocol):
    """Where a person is asked while a screen of ours has the terminal."""

    def free(self) -> None:
        """Return once the terminal is ours."""

    def ask(self, wanted: Wanted, fits: Fits) -> str | None:
        """Return the value that was given on the screen; None when the terminal is ours already."""


_DESK: ContextVar[Desk | None] = ContextVar("desk", default=None)


@contextlib.contextmanager
def asked_at(desk: Desk) -> Iterator[None]:
    """Ask there, in here."""
    before = _DESK.set(desk)
    try:
        yield
    finally:
        _DESK.reset(before)


def prompt(
    text: str,
    *,
    default: str | None = None,
    secret: bool = False,
    choices: Sequence[str] = (),
    fits: Fits = str,
    err: bool = False,
) -> str:
    """Ask for a value until it fits. `err`: on standard error, where that is the terminal."""
    desk = _DESK.get()
    value = desk.ask(Wanted(text, default, secret, tuple(choices)), fits) if desk else None
    if value is not None:
        return value
    forget_early()
    shown = f"{text} ({', '.join(choices)})" if choices else text
    told = default is not None and not secret
    return str(
        click.prompt(shown, default=default, hide_input=secret, value_proc=fits, show_default=told, err=err)
    )


def confirm(text: str, *, abort: bool = False, err: bool = False) -> bool:
    """Ask for a yes or a no on the terminal; with `abort` no ends it all."""
    if desk := _DESK.get():
        desk.free()
    forget_early()
    return click.confirm(text, abort=abort, err=err)


def forget_early() -> None:
    """Forget what was typed before a question could be read: it would answer that, or take its default."""
    if sys.stdin.isatty():
        import termios

        with contextlib.suppress(termios.error):  # the terminal went away
            termios.tcflush(sys.stdin, termios.TCIFLUSH)


def sudo_password() -> str:
    """Ask for the password that sudo wants on the hosts; warn of one that is too short to be masked."""
    from gonogo.trail.redact import SHORTEST

    password = prompt("sudo password", secret=True, err=True)
    if len(password) < SHORTEST:
        said = f"it has fewer than {SHORTEST} characters, so it cannot be masked in output"
        click.echo(f"warning: the sudo password: {said}", err=True)
    return password
