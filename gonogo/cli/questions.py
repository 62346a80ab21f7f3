"""Questions on the terminal. Where a screen of ours has it, it is asked for first."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import click

_FREE: ContextVar[Callable[[], None]] = ContextVar("free", default=lambda: None)


@contextlib.contextmanager
def freed_by(free: Callable[[], None]) -> Iterator[None]:
    """Call this before each question in here: it returns once the terminal is ours."""
    before = _FREE.set(free)
    try:
        yield
    finally:
        _FREE.reset(before)


def prompt(text: str, **wishes: Any) -> Any:
    """Ask for a value, as `click.prompt` does."""
    _FREE.get()()
    return click.prompt(text, **wishes)


def confirm(text: str, **wishes: Any) -> bool:
    """Ask for a yes or a no, as `click.confirm` does."""
    _FREE.get()()
    return click.confirm(text, **wishes)


def sudo_password() -> str:
    """Ask for the password that sudo wants on the hosts; warn of one that is too short to be masked."""
    from gonogo.trail.redact import SHORTEST

    password = str(prompt("sudo password", hide_input=True, err=True))
    if len(password) < SHORTEST:
        said = f"it has fewer than {SHORTEST} characters, so it cannot be masked in output"
        click.echo(f"warning: the sudo password: {said}", err=True)
    return password
