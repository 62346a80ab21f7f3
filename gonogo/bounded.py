"""Running a program that may print without end or never end at all."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

_ERRORS_KEPT = 8 << 10


class Ran(Struct, frozen=True):
    """How a program ended and what it printed."""

    code: int
    output: bytes
    """At most the limit and one byte more."""
    errors: bytes
    """The first 8 KiB of what it wrote to its standard error."""
    late: bool = False
    """It was ended when its time was over."""


def run(
    words: Sequence[str],
    *,
    seconds: float,
    limit: int,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Ran:
    """Run a program without input to its end, its time or `limit` bytes; OSError when it does not start."""
    process = subprocess.Popen(
        words,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A group of its own: a child that keeps the pipes open goes with it.
        start_new_session=True,
    )
    with process:
        try:
            return _collect(process, time.monotonic() + seconds, limit)
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)


def _collect(process: subprocess.Popen[bytes], deadline: float, limit: int) -> Ran:
    assert process.stdout is not None
    assert process.stderr is not None
    output, errors = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, (output, limit + 1))
        selector.register(process.stderr, selectors.EVENT_READ, (errors, _ERRORS_KEPT))
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                return Ran(-signal.SIGKILL, bytes(output), bytes(errors), late=True)
            for key, _ in ready:
                kept, most = key.data
                data = os.read(key.fd, 1 << 16)
                kept += data[: max(0, most - len(kept))]
                if not data:
                    selector.unregister(key.fileobj)
            if len(output) > limit:
                return Ran(-signal.SIGKILL, bytes(output), bytes(errors))
    try:
        code = process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return Ran(-signal.SIGKILL, bytes(output), bytes(errors), late=True)
    return Ran(code, bytes(output), bytes(errors))
