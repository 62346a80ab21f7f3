"""How many commands a connection carries: a host takes only so many at once (MaxSessions)."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import asyncssh

from .connect import Unreachable
from .session import Session

_Connection = asyncssh.SSHClientConnection


@dataclass(slots=True)
class Channels:
    """Has a command wait for others of ours where a host refuses one more on their connection."""

    _carried: dict[_Connection, set[Session]] = field(default_factory=dict)

    async def open(
        self,
        connection: _Connection,
        session: Session,
        start: Callable[[], Awaitable[None]],
        seconds: float | None,
    ) -> None:
        """Start a session; each time that another one has ended, again. None: wait as long as it takes.

        Raises Unreachable when none has ended in time, and else what the last start raised.
        """
        carried = self._carried.setdefault(connection, set())
        carried.add(session)
        session.left = functools.partial(self._leave, connection, session)
        deadline = None if seconds is None else asyncio.get_running_loop().time() + seconds
        alone = False
        try:
            while (refused := await _refusal(start)) is not None:
                others = [one for one in carried if one.is_open]
                # A host may count one that ended a moment ago until it has looked round: it is asked twice.
                if alone and not others:
                    raise refused
                alone = not others
                if others and not await _one_ends(others, deadline):
                    why = f"it takes no command beside {len(others)} of ours, for {seconds:g} s (MaxSessions)"
                    raise Unreachable(why)
        finally:
            if not session.is_open:
                session.left()

    def _leave(self, connection: _Connection, session: Session) -> None:
        carried = self._carried.get(connection, set())
        carried.discard(session)
        if not carried:
            self._carried.pop(connection, None)


async def _refusal(start: Callable[[], Awaitable[None]]) -> asyncssh.ChannelOpenError | None:
    """Start a session; return how the host refuses to have one more, if it does."""
    try:
        await start()
    except asyncssh.ChannelOpenError as error:
        if error.code == asyncssh.OPEN_REQUEST_SESSION_FAILED:
            raise
        return error
    return None


async def _one_ends(sessions: list[Session], deadline: float | None) -> bool:
    """Return whether one of some sessions ends in time, a moment of the event loop's clock."""
    waiting = [asyncio.ensure_future(one.closed.wait()) for one in sessions]
    left = None if deadline is None else max(deadline - asyncio.get_running_loop().time(), 0)
    try:
        done, _ = await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
    return bool(done)
