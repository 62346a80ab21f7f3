"""How many commands a connection carries: a host takes only so many at once (MaxSessions)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import asyncssh
from msgspec import Struct, field

from .connect import Unreachable
from .session import Session

_Connection = asyncssh.SSHClientConnection


class Channels(Struct):
    """Has a command wait for others of ours where a host refuses one more on their connection."""

    _carried: dict[Session, _Connection] = field(default_factory=dict)

    async def open(
        self,
        connection: _Connection,
        session: Session,
        start: Callable[[], Awaitable[None]],
        seconds: float | None,
    ) -> None:
        """Start a session; again, each time that another one has left. None: as long as it takes.

        Raises Unreachable when none has ended in time, and else what the last start raised.
        """
        self._carried[session] = connection
        deadline = None if seconds is None else asyncio.get_running_loop().time() + seconds
        alone = False
        try:
            while (refused := await _refusal(start)) is not None:
                others = self._open_on(connection)
                # A host may count one that ended a moment ago until it has looked round: it is asked twice.
                if alone and not others:
                    raise refused
                alone = not others
                if others and not await _one_ends(others, deadline):
                    why = f"it takes no command beside {len(others)} of ours, for {seconds:g} s (MaxSessions)"
                    raise Unreachable(why)
        except BaseException:
            self.leave(session)
            raise

    def leave(self, session: Session) -> None:
        """Forget a session that is over."""
        self._carried.pop(session, None)

    def _open_on(self, connection: _Connection) -> list[Session]:
        return [one for one, its in self._carried.items() if its is connection and one.is_open]


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
    left = None if deadline is None else max(deadline - asyncio.get_running_loop().time(), 0)
    ending = [one.closed for one in sessions]
    done, _ = await asyncio.wait(ending, timeout=left, return_when=asyncio.FIRST_COMPLETED)
    return bool(done)
