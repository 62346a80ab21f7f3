"""What the runner needs from outside: an executor that reaches hosts, a sink that hears of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import Struct, field


class Stream(StrEnum):
    """Which stream of a command."""

    OUT = "o"
    ERR = "e"


class Ended(StrEnum):
    """How a command on one host ended, as far as it can be known."""

    EXIT = "exit"
    SIGNAL = "signal"
    TIMEOUT = "timeout"
    """It ran past its limit and was ended, with all its processes."""
    CANCELLED = "cancelled"
    LOST = "lost"
    """The connection went away after the command started: whether it finished is not known."""
    UNREACHABLE = "unreachable"
    """Nothing was started there."""
    HELD = "held"
    """Nothing was started there, because too many others had failed by then."""


class Exit(Struct, frozen=True):
    """The end of a command on one host. `reason` is cleaned text for a person."""

    how: Ended
    code: int | None = None
    signal: str | None = None
    reason: str = ""


class Target(Struct, frozen=True):
    """A host to reach: its inventory name, its connection variables (`ansible_*`), its values.

    `values` reach the script as environment variables, on standard input only.
    """

    name: str
    connection: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


class Job(Struct, frozen=True):
    """One script for many hosts. Times are seconds."""

    targets: tuple[Target, ...]
    script: str
    language: str = "sh"
    run_as: str | None = None
    cwd: str | None = None
    timeout: float | None = None
    connect_timeout: float | None = None
    parallel: int | None = None
    become_password: str | None = None
    last: bool = False
    """Nothing more is planned for these hosts: where it ends well, no connection need be kept."""


class Terminal(Struct, frozen=True):
    """A program to run in the operator's own terminal, on the operator's machine."""

    argv: tuple[str, ...]
    lost: int | None = None
    """The exit code that means that the connection was lost, if there is one."""
    drop: Callable[[], Awaitable[None]] | None = None
    """Takes away what was made ready, when nobody ran it."""


class Lender(Protocol):
    """Whoever drives the run, and has a terminal to lend."""

    def lends(self) -> str:
        """Return who has a terminal to lend now, or an empty string."""

    async def borrow(self, argv: Sequence[str], title: str) -> int:
        """Run a program there; return its exit code (a signal is negative).

        Raises RunError when they went away: it is not known then what became of the program.
        """


class Held(Exception):
    """Raised by `Sink.starting`: nothing new may start in this job. The executor reports HELD and goes on."""


class Sink(Protocol):
    """Hears what happens on each host."""

    async def starting(self, host: str) -> None:
        """Called when the host is connected and just before its command is sent.

        Returns once that is safely on disk; raises TrailError when it can't be, and then the
        command must not be sent. Raises Held when nothing new may start.
        """

    def output(self, host: str, stream: Stream, data: bytes) -> None:
        """Called for each piece of output, in order within a stream."""

    def exited(self, host: str, end: Exit) -> None:
        """Called once for every host of the job, last of its calls."""


class Executor(Protocol):
    """Reaches hosts one way. Keeps what is worth keeping (connections) until closed."""

    async def run(self, job: Job, sink: Sink) -> None:
        """Run the script on every target; return when all have exited.

        When the calling task is cancelled, end every command with all its processes on the
        hosts, report each as CANCELLED, then re-raise. Never raises for one host's trouble.
        """

    async def terminal(self, job: Job) -> Terminal:
        """Return how a one-host job runs in the operator's own terminal; nothing of it has begun yet.

        Neither the script nor a value is in the argument vector. Raises GonogoError when it can't be had.
        """

    def shell(self, target: Target) -> Terminal:
        """Return how the operator opens a shell on a host; raise GonogoError when that can't be."""

    def cancel(self, host: str) -> None:
        """End what `run` has out on this host alone, with all its processes; it is reported as CANCELLED."""

    async def close(self) -> None:
        """Close every connection."""
