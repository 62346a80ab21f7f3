"""The event loop on which hosts are reached: a login takes a tenth less work than on asyncio's."""

from __future__ import annotations

import asyncio
import functools
import socket
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")


class Loop(uvloop.Loop):
    """uvloop's, but for how it looks names up.

    It does so four at a time, for all that is asked: a few that no server answers would have all others wait.
    """

    async def getaddrinfo(self, host: Any, port: Any, **how: int) -> list[Any]:
        """Return what socket.getaddrinfo does, from the loop's own threads."""
        return await self.run_in_executor(None, functools.partial(socket.getaddrinfo, host, port, **how))


def run(main: Coroutine[Any, Any, T]) -> T:
    """Return what `main` does; as asyncio.run, on this loop."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(main)
