"""How many logins are made at the same time: many where hosts are silent, few where they work."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from msgspec import Struct, field

LOGINS = 64
"""Handshakes at once; more only queue in front of the cores and of sshd's MaxStartups."""
SILENT = 1.0
"""Seconds after which a host that has said nothing no longer counts: waiting for it costs nothing."""
WORKING = 5.0
"""Seconds after which no login counts: one that takes longer waits for something else than processors."""


class Slots(Struct):
    """Slots are taken in the order of asking. Dead hosts give theirs back before their login has failed."""

    _free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LOGINS))

    async def turn(self) -> None:
        """Wait until a login can begin at once. It takes its slot itself, a little later."""
        async with self._free:
            await asyncio.sleep(0)

    @contextlib.asynccontextmanager
    async def taken(self, answered: Callable[[], bool]) -> AsyncIterator[None]:
        """Hold a slot during a login, or shorter. `answered` says whether the host has said something."""
        await self._free.acquire()
        held = [True]

        def give_back() -> None:
            if held:
                held.clear()
                self._free.release()

        def look() -> None:
            if not answered():
                give_back()

        loop = asyncio.get_running_loop()
        timers = [loop.call_later(SILENT, look), loop.call_later(WORKING, give_back)]
        try:
            yield
        finally:
            for timer in timers:
                timer.cancel()
            give_back()
