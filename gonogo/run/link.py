"""The screen's end of a run: what it sees (the state, the output) and what it may say.

A screen, a plain listing and a replay all work on a `Link`; only the live one speaks to a process.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Protocol

from .state import Answer, RunState

Lend = Callable[[Sequence[str], str], Coroutine[Any, Any, int]]
"""Runs a program (argument vector, title) in the operator's terminal.

Returns its exit code, or minus a signal.
"""


class Link(Protocol):
    """A run, seen from outside its process."""

    @property
    def state(self) -> RunState:
        """The fold of all records received so far."""

    @property
    def directory(self) -> Path:
        """The run directory; output is read from there (`gonogo.trail.output`)."""

    @property
    def driving(self) -> bool:
        """Whether this end may answer; others look on."""

    @property
    def ended(self) -> str:
        """Why the link is closed (for a person), or empty while it is open."""

    def changes(self) -> AsyncIterator[None]:
        """Yield after records were folded in, as they come; stop when the link closes."""

    def now(self) -> int:
        """Return nanoseconds since the run began, on the run's clock."""

    async def answer(
        self,
        gate: int,
        answer: Answer,
        *,
        reason: str = "",
        typed: str = "",
        hosts: Sequence[str] | None = None,
    ) -> None:
        """Answer a gate; raise RunError when it is refused (not the driver, not a choice, answered).

        `typed` is the number of hosts at a typed gate, the value at an input gate. `hosts` narrows an answer
        at a failure to some of its hosts; the others are asked about again.
        """

    async def act(self, name: str, **fields: Any) -> None:
        """Do what is no answer (`gonogo.run.acts`): jump, pick-up, edit, pause; RunError if refused."""

    async def note(self, text: str, *, tag: str = "", link: str = "") -> None:
        """Write a note into the trail."""

    async def cancel(self, hosts: Sequence[str] = ()) -> None:
        """End the commands that are out on these hosts (none named: on all), which become cancelled.

        Between two tries it ends the trying. Raises RunError when nothing is out.
        """

    async def close(self) -> None:
        """Let go of the run; it goes on."""
