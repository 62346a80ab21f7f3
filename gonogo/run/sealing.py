"""Sealing the trail while the run goes on: never in its way, and never silently missing."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from gonogo.errors import GonogoError
from gonogo.trail.seal import Sealer
from gonogo.trail.writer import TrailWriter

from .scribe import Scribe

EVERY = 60.0
"""Seconds after which new records are sealed in any case."""
LAST = 20.0
"""Seconds that the last seal may take; the run is over by then, and waits no longer."""


class Sealing:
    """Seals what is on disk soon after `wanted`, and every EVERY seconds. Without a sealer: nothing.

    Looks of monitors alone are sealed with what comes next: a key may want to be touched each time.
    """

    def __init__(self, trail: TrailWriter, sealer: Sealer | None, scribe: Scribe) -> None:
        self._trail, self._sealer, self._scribe = trail, sealer, scribe
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._sealed = 0
        self._said = ""

    def start(self) -> None:
        """Begin to seal."""
        if self._sealer is not None:
            self._task = asyncio.create_task(self._loop(self._sealer))

    def wanted(self) -> None:
        """Ask for a seal over what is on disk by then."""
        self._wanted.set()

    async def close(self) -> None:
        """Seal all that is on disk, and stop."""
        if self._task is None or self._sealer is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST):
                await self._seal(self._sealer)

    async def _loop(self, sealer: Sealer) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY):
                    await self._wanted.wait()
            wanted = self._wanted.is_set() or self._scribe.notable > self._sealed
            self._wanted.clear()
            if wanted:
                await self._seal(sealer)

    async def _seal(self, sealer: Sealer) -> None:
        count, head = self._trail.count, self._trail.head
        if count <= self._sealed or self._trail.poison:
            return
        fields: dict[str, Any] = {}
        try:
            fields = await sealer.seal(count, head)
        except GonogoError as error:
            if error.what != self._said and not self._trail.poison:
                self._scribe.record("seal.failed", why=error.what)
            self._said = error.what
            return
        if not self._trail.poison:
            self._scribe.record("seal", **fields)
            # The seal's own record needs no seal of its own.
            self._sealed, self._said = count + 1, ""
