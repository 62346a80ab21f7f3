"""What the screen needs of a run's link beside what every link has."""

from __future__ import annotations

from typing import Protocol

from gonogo.run.link import Lend, Link


class RunLink(Link, Protocol):
    """A link through which shells on the run's hosts can be opened."""

    @property
    def lend(self) -> Lend | None:
        """Gives a program the terminal, the screen out of its way. None: there is none to lend."""

    async def shell(self, host: str, *, reason: str = "") -> tuple[str, ...]:
        """Return the argument vector of a shell on a host; that it is opened is recorded."""

    async def shell_ended(self, host: str, code: int) -> None:
        """Say that the shell was left, with its exit code."""
