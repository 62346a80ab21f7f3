"""Writing the trail: one writer, group commit, and no second chance after a failed write.

The sync is the cost, not JSON (a single one takes milliseconds): everything that waits goes down in one
write and one sync. A write or sync that failed once may have lost pages for good, so the writer is
poisoned: it never retries, nothing waits on it in vain, and no command may start.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from gonogo.errors import RunError, TrailError

from .clock import RunClock
from .reader import Reading
from .record import GENESIS, encode, hash_of, wall_time

LINGER = 0.02
"""Seconds that records nobody waits for may wait for company."""

Written = Callable[[list[bytes]], None]


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    # macOS has no fdatasync; its fsync does not reach the disk either, F_FULLFSYNC does.
    full = getattr(fcntl, "F_FULLFSYNC", None)
    if full is not None:
        fcntl.fcntl(descriptor, full)
    else:
        os.fdatasync(descriptor)


class TrailWriter:
    """Appends records. Open with `create` or `reopen`; holds the run's lock until closed."""

    def __init__(self, path: Path, descriptor: int, head: bytes, count: int, clock: RunClock) -> None:
        self.path = path
        self.clock = clock
        self._descriptor = descriptor
        self._head = head
        self._count = self._durable = count
        self._durable_head = head
        self._waiting: list[bytes] = []
        self._waiters: list[asyncio.Future[None]] = []
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        # A thread of its own: the event loop's may all be waiting for a name server that is down.
        self._thread = ThreadPoolExecutor(1, "trail")
        self.poison: TrailError | None = None
        self.on_written: Written = lambda lines: None
        self.on_poison: Callable[[], None] = lambda: None

    @classmethod
    def create(cls, run: Path) -> TrailWriter:
        """Make the trail of a new run directory, with the directory's entry synced."""
        path = run / "audit.jsonl"
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            descriptor = os.open(path, flags, 0o600)
            lock(descriptor, path)
            os.fsync(descriptor)
            for folder in (run, run.parent):
                sync_directory(folder)
        except OSError as error:
            raise TrailError(f"{path}: the trail cannot be made: {error.strerror}") from None
        return cls(path, descriptor, GENESIS, 0, RunClock())

    @classmethod
    def reopen(cls, reading: Reading, clock: RunClock) -> TrailWriter:
        """Go on with a trail that was read to its end; a torn last line is cut off first."""
        path = reading.path
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
            lock(descriptor, path)
            if os.fstat(descriptor).st_size != reading.offset + len(reading.torn):
                raise TrailError(f"{path}: the trail grew while it was read", "Try again.")
            if reading.torn:
                os.ftruncate(descriptor, reading.offset)
                os.fsync(descriptor)
        except OSError as error:
            raise TrailError(f"{path}: the trail cannot be continued: {error.strerror}") from None
        return cls(path, descriptor, reading.head, reading.count, clock)

    @property
    def count(self) -> int:
        """How many records are on disk."""
        return self._durable

    @property
    def head(self) -> bytes:
        """The hash of the last record that is on disk."""
        return self._durable_head

    def add(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Queue a record and return it; `commit` makes it durable. Raise TrailError when poisoned."""
        if self.poison:
            raise self.poison
        times = {"t": wall_time(), "m": self.clock.now()}
        record = {"n": self._count, **times, "d": self._durable, "k": kind, **fields}
        line, self._head = encode(self._head, record)
        self._count += 1
        self._waiting.append(line)
        if self._task is None:
            self._task = asyncio.create_task(self._commit_loop())
        self._wake.set()
        return record

    async def commit(self) -> None:
        """Return once all that was added is on disk; raise TrailError when it can't be."""
        if self.poison:
            raise self.poison
        if self._durable == self._count:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        self._wake.set()
        self._hurry.set()
        await waiter

    async def close(self) -> None:
        """Write what waits and release the lock."""
        self._closing = True
        self._wake.set()
        self._hurry.set()
        if self._task is not None:
            await self._task
        self._thread.shutdown()
        os.close(self._descriptor)

    async def _commit_loop(self) -> None:
        while self._waiting or self._waiters or not self._closing:
            await self._wake.wait()
            if not self._waiters and not self._closing:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._hurry.wait(), LINGER)
            self._wake.clear()
            self._hurry.clear()
            lines, self._waiting = self._waiting, []
            waiters, self._waiters = self._waiters, []
            if lines and not await self._written(lines):
                self._fail(waiters + self._waiters)
                return
            if lines:
                self._durable += len(lines)
                self._durable_head = hash_of(lines[-1])
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    async def _written(self, lines: list[bytes]) -> bool:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, _write, self._descriptor, b"".join(lines))
        except OSError as error:
            self.poison = TrailError(
                f"{self.path}: the trail cannot be written: {error.strerror}",
                "No command will start. Free the disk, then `gonogo resume` this run.",
            )
            self.on_poison()
            return False
        self.on_written(lines)
        return True

    def _fail(self, waiters: list[asyncio.Future[None]]) -> None:
        self._waiters = []
        for waiter in waiters:
            if not waiter.done() and self.poison:
                waiter.set_exception(self.poison)


def lock(descriptor: int, path: Path) -> None:
    """Take the run's lock or raise RunError: two processes never write one trail."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise RunError(
            f"{path.parent.name} is being driven already", "Use `gonogo attach` to come to it."
        ) from None


def sync_directory(folder: Path) -> None:
    """Make a directory's entries durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
