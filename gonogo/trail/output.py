"""What the hosts printed, kept as it came: one file an attempt, chunks in order of arrival.

A chunk is a header line `#<ns since the run began> <o|e> <host> <length>` followed by exactly that many
bytes and a newline. Bytes are stored as sent (less redactions), so `grep` and a pager read the file, and
a reader skips from header to header without touching the bytes between.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LIMIT = 1 << 20
"""Bytes kept of one host's stream: the first half and the last half; the middle is only counted."""
_HEADER_LIMIT = 400


def output_path(run: Path, turn: int, attempt: int) -> Path:
    """Return where one attempt's output lies."""
    return run / "output" / f"{turn:04d}-{attempt:02d}.out"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of output. `at` is nanoseconds since the run began; `stream` is `o` or `e`."""

    at: int
    stream: str
    host: str
    data: bytes


class OutputReader:
    """Reads an attempt's file, also while it grows: `more()` gives what came since the last call."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def more(self, limit: int = 4 << 20) -> Iterator[Chunk]:
        """Yield whole chunks not seen yet, about `limit` bytes at most. A missing file holds none."""
        try:
            size = self._path.stat().st_size
            file = self._path.open("rb")
        except FileNotFoundError:
            return
        with file:
            end = min(size, self._offset + limit)
            while self._offset < end:
                file.seek(self._offset)
                header = file.readline(_HEADER_LIMIT)
                if not header.endswith(b"\n") or not header.startswith(b"#"):
                    return
                at, stream, host, length = header[1:].decode().split(" ")
                data = file.read(int(length) + 1)
                if len(data) <= int(length):
                    return
                self._offset += len(header) + len(data)
                yield Chunk(int(at), stream, host, data[:-1])


def read_host(path: Path, host: str, stream: str | None = None) -> bytes:
    """Return all that one host printed in an attempt, in order of arrival."""
    reader = OutputReader(path)
    return b"".join(
        chunk.data
        for chunk in reader.more(limit=1 << 62)
        if chunk.host == host and stream in (None, chunk.stream)
    )


class _Stream:
    """One stream of one host: how much is written, and the kept end of what is past the limit."""

    __slots__ = ("digest", "kept", "tail", "total")

    def __init__(self) -> None:
        self.total = 0
        self.kept = 0
        self.tail = bytearray()
        self.digest = hashlib.sha256()


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of one host's output in one attempt."""

    out: int
    err: int
    """Bytes sent on each stream, whether kept or not."""
    digest: str
    """Hex SHA-256 over both streams' digests: equal outputs have equal digests."""
    dropped: int
    """Bytes in the middle that the limit left out."""


class OutputWriter:
    """Writes one attempt's file. Not synced: the trail's records carry the digests."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        self._file = os.fdopen(os.open(path, flags, 0o600), "wb", buffering=1 << 16)
        self._streams: dict[tuple[str, str], _Stream] = {}

    def write(self, at: int, host: str, stream: str, data: bytes) -> None:
        """Keep a piece of output; past the limit only its end is kept, until `finish`."""
        state = self._streams.get((host, stream))
        if state is None:
            state = self._streams[host, stream] = _Stream()
        state.total += len(data)
        state.digest.update(data)
        room = LIMIT // 2 - state.kept
        head, rest = data[: max(room, 0)], data[max(room, 0) :]
        if head:
            state.kept += len(head)
            self._put(at, host, stream, head)
        if rest:
            state.tail += rest[-LIMIT // 2 :]
            if len(state.tail) > LIMIT:
                del state.tail[: -LIMIT // 2]

    def finish(self, at: int, host: str) -> Summary:
        """Write what was held back of a host's streams; return sizes and digest."""
        whole = hashlib.sha256()
        totals, dropped = {"o": 0, "e": 0}, 0
        for stream in ("o", "e"):
            state = self._streams.pop((host, stream), None)
            if state is None:
                whole.update(hashlib.sha256().digest())
                continue
            del state.tail[: -LIMIT // 2]
            lost = state.total - state.kept - len(state.tail)
            if lost:
                self._put(at, host, stream, b"\n[%d bytes left out here]\n" % lost)
            if state.tail:
                self._put(at, host, stream, bytes(state.tail))
            totals[stream] = state.total
            dropped += lost
            whole.update(state.digest.digest())
        self.flush()
        return Summary(totals["o"], totals["e"], whole.hexdigest(), dropped)

    def flush(self) -> None:
        """Hand what is buffered to the system, so that readers see it."""
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _put(self, at: int, host: str, stream: str, data: bytes) -> None:
        self._file.write(b"#%d %s %s %d\n%s\n" % (at, stream.encode(), host.encode(), len(data), data))
