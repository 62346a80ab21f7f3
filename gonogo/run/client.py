"""A live link: a screen's connection to the run's process. Implements `Link`."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

from gonogo.errors import GonogoError, RunError, TrailError
from gonogo.trail.clock import RunClock
from gonogo.trail.record import LINE_LIMIT

from .link import Lend
from .plan import Plan
from .state import Answer, Record, RunState
from .wire import pack, socket_path, unpack


def load_plan(run: Path, name: str = "plan.json", parse: Callable[[bytes], Plan] = Plan.parse) -> Plan:
    """Read a run directory's plan, or a later one of it; raise RunError when it can't be."""
    if not re.fullmatch(r"plan(-\d{1,4})?\.json", name):
        raise RunError(f"{name!r} is no plan's name")
    path = run / "runbook" / name
    try:
        return parse(path.read_bytes())
    except OSError as error:
        raise RunError(f"{path}: {error.strerror}", "Name a whole run directory.") from None


def new_state(run: Path) -> RunState:
    """Return a run's state before its first record."""
    return RunState.of(load_plan(run), lambda name: load_plan(run, name))


AT_ONCE = 64 << 10
"""Bytes that are taken in without a look at anything else: 6 ms of folding."""


class LiveLink:
    """Open with `connect`. Records are folded in as they come."""

    def __init__(self, run: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._run, self._reader, self._writer = run, reader, writer
        self._state = new_state(run)
        self._driving = False
        self._ended = ""
        self._defect: Exception | None = None
        self._changed = asyncio.Event()
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._task = asyncio.create_task(self._read())
        self._clock = RunClock()
        self.on_record: Callable[[RunState, Record], None] = lambda state, record: None
        """Called after each record was folded in."""
        self.lend: Lend | None = None
        self._lent: set[asyncio.Task[None]] = set()

    @classmethod
    async def connect(
        cls,
        run: Path,
        who: str,
        *,
        drive: bool = True,
        take: bool = False,
        on_record: Callable[[RunState, Record], None] | None = None,
        lend: Lend | None = None,
    ) -> LiveLink:
        """Connect to a run's process; raise RunError when there is none.

        `lend` gives programs the operator's terminal, which interactive steps need.
        """
        try:
            reader, writer = await asyncio.open_unix_connection(socket_path(run), limit=LINE_LIMIT * 2)
        except OSError:
            raise RunError(
                f"{run.name}: no process drives this run", f"`gonogo resume {run.name}` goes on with it."
            ) from None
        link = cls(run, reader, writer)
        if on_record is not None:
            link.on_record = on_record
        link.lend = lend
        try:
            await link._ask(do="hello", who=who, drive=drive, take=take, lends=lend is not None)
        except BaseException:
            await link.close()
            raise
        return link

    @property
    def state(self) -> RunState:
        """The fold of all records received so far."""
        return self._state

    @property
    def directory(self) -> Path:
        """The run directory."""
        return self._run

    @property
    def driving(self) -> bool:
        """Whether this end may answer."""
        return self._driving

    @property
    def ended(self) -> str:
        """Why the link is closed, or empty."""
        return self._ended

    async def changes(self) -> AsyncIterator[None]:
        """Yield after records were folded in; stop when the link closes; raise what `on_record` raised."""
        while not self._ended:
            await self._changed.wait()
            self._changed.clear()
            yield
        if self._defect is not None:
            raise self._defect
        yield

    def now(self) -> int:
        """Return nanoseconds since the run began."""
        return self._clock.now()

    async def answer(
        self,
        gate: int,
        answer: Answer,
        *,
        reason: str = "",
        typed: str = "",
        hosts: Sequence[str] | None = None,
    ) -> None:
        """Answer a gate; raise RunError when it is refused."""
        told = {"gate": gate, "answer": answer.value, "reason": reason, "typed": typed}
        await self._ask(do="answer", **told, hosts=None if hosts is None else list(hosts))

    async def act(self, name: str, **fields: Any) -> None:
        """Do what is no answer; raise RunError when it is refused."""
        await self._ask(do="act", act=name, fields=fields)

    async def approve(self, gate: int, signature: str) -> None:
        """Hand in an approval of the open gate's plan; raise RunError when it does not count."""
        await self._ask(do="approve", gate=gate, signature=signature)

    async def revise(self, *, file: str, digest: str, diff: str, sources: list[list[str]]) -> None:
        """Have the run go on with another plan that lies in its directory (`Conductor.revise`)."""
        await self._ask(do="revise", file=file, digest=digest, diff=diff, sources=sources)

    async def shell(self, host: str, *, reason: str = "") -> tuple[str, ...]:
        """Return the argument vector of a shell on a host; that it is opened is recorded."""
        return tuple((await self._ask(do="shell", host=host, reason=reason))["argv"])

    async def shell_ended(self, host: str, code: int) -> None:
        """Say that the shell was left, with its exit code."""
        await self._ask(do="shell-ended", host=host, code=code)

    async def note(self, text: str, *, tag: str = "", link: str = "") -> None:
        """Write a note into the trail."""
        await self._ask(do="note", text=text, tag=tag, link=link)

    async def cancel(self, hosts: Sequence[str] = ()) -> None:
        """End the commands that are out on these hosts, or on all; RunError when nothing is."""
        await self._ask(do="cancel", hosts=list(hosts))

    async def stop(self) -> None:
        """Let the run's process leave at the next gate."""
        await self._ask(do="stop")

    async def close(self) -> None:
        """Let go of the run, which goes on, once the terminal is back."""
        await asyncio.gather(*self._lent, return_exceptions=True)
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._writer.close()
        self._end("closed")

    async def _ask(self, **message: Any) -> dict[str, Any]:
        if self._ended:
            raise RunError(f"the run's process is gone: {self._ended}")
        number = next(self._numbers)
        self._asked[number] = asyncio.get_running_loop().create_future()
        self._writer.write(pack({"id": number, **message}))
        try:
            return await self._asked[number]
        finally:
            del self._asked[number]

    async def _read(self) -> None:
        why = "the run's process has ended"
        try:
            rest = b""
            while data := await self._reader.read(AT_ONCE):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self._take(unpack(line))
                self._changed.set()
                if len(rest) > 2 * LINE_LIMIT:
                    raise ValueError("a message without end")
                # What waits already is there at once: a long trail must not keep the keys waiting.
                await asyncio.sleep(0)
        except (OSError, ValueError, GonogoError) as error:
            why = f"the connection to the run's process broke: {error}"
        except Exception as error:  # nobody waits for this task
            self._defect, why = error, "this screen failed"
        self._end(why)

    def _take(self, message: dict[str, Any]) -> None:
        if "k" in message:
            self._state.apply(message)
            self.on_record(self._state, message)
            if message["m"] > self._clock.now():
                self._clock = RunClock(message["m"])
        elif "done" in message:
            waiter = self._asked.get(message["done"])
            if waiter is not None and not waiter.done():
                kind = TrailError if message.get("unwritten") else RunError
                refused = message.get("refused")
                waiter.set_exception(kind(refused)) if refused else waiter.set_result(message)
        elif "driving" in message:
            self._driving, self._state.driver = message["driving"], message["driver"]
            self._state.watching = tuple(message["watching"])
            if "now" in message:  # an older release's process does not tell
                self._clock = RunClock(message["now"])
        elif "terminal" in message and self.lend is not None:
            lent = asyncio.create_task(self._borrow(self.lend, message))
            self._lent.add(lent)
            lent.add_done_callback(self._lent.discard)
        elif "trouble" in message:
            self._state.trouble = message["trouble"]

    async def _borrow(self, lend: Lend, message: dict[str, Any]) -> None:
        """Run what is to run in the operator's terminal, and tell how it ended."""
        try:
            code = await lend(tuple(message["argv"]), message["title"])
        except Exception as error:  # nobody waits for this task
            self._defect = error
            self._end("this screen failed")
            return
        if not self._ended:
            self._writer.write(pack({"do": "terminal", "number": message["terminal"], "code": code}))

    def _end(self, why: str) -> None:
        self._ended = self._ended or why
        self._driving = False
        for waiter in self._asked.values():
            if not waiter.done():
                waiter.set_exception(self._defect or RunError(why))
        self._changed.set()
