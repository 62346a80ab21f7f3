"""What the hosts printed, kept as it came: one file an attempt, chunks in order of arrival.

A chunk is a header line `#<ns since the run began> <o|e> <host> <length>` followed by exactly that many
bytes and a newline. Bytes are stored as sent (less redactions), so `grep` and a pager read the file, and
a reader skips from header to header without touching the bytes between. A run that is over may have its
files packed (`.gz`): the digests in the trail are of the bytes in them.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import re
import stat
import weakref
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

LIMIT = 1 << 20
"""Bytes kept of one host's stream: the first half and the last half; the middle is only counted."""
_HEADER = re.compile(rb"#(\d{1,18}) ([oe]) ([^ \n]{1,300}) (\d{1,7})\n")
_HEADER_LIMIT = 400
_Bytes = BinaryIO | gzip.GzipFile


def output_path(run: Path, turn: int, attempt: int) -> Path:
    """Return where one attempt's output lies."""
    return run / "output" / f"{turn:04d}-{attempt:02d}.out"


def round_path(run: Path, number: int, test: int) -> Path:
    """Return where the output of one test in one round of tests lies."""
    return run / "output" / f"test-{number:04d}-{test:02d}.out"


def packed_path(path: Path) -> Path:
    """Return where an attempt's output lies once it is packed."""
    return path.with_name(f"{path.name}.gz")


def is_kept(path: Path) -> bool:
    """Return whether an attempt's output is there, packed or not."""
    return os.path.lexists(path) or os.path.lexists(packed_path(path))


class Chunk(Struct, frozen=True):
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
        self._ended = False
        self._packed: gzip.GzipFile | None = None
        self._over = False

    def more(self, limit: int = 4 << 20) -> Iterator[Chunk]:
        """Yield whole chunks not seen yet, about `limit` bytes at most; none if it can't be read."""
        try:
            with open_regular(self._path) as file:
                size = os.fstat(file.fileno()).st_size
                yield from self._until(file, min(size, self._offset + limit))
                self._ended = self._ended or self._offset == size
        except FileNotFoundError:
            yield from self._more_packed(limit)
        except OSError:
            return

    def _more_packed(self, limit: int) -> Iterator[Chunk]:
        """Go on in a packed file. It stays open to its end: to find a place in it is to read up to there."""
        if self._over:
            return
        try:
            self._packed = self._packed or self._open_packed()
        except OSError:
            return
        end = self._offset + limit
        try:
            yield from self._until(self._packed, end)
        except (OSError, EOFError, zlib.error):
            self._over = True  # it is cut off, or no gzip file: what was read is good
        if self._over or self._offset < end:
            self._over = True
            self._packed.close()

    def _open_packed(self) -> gzip.GzipFile:
        file = open_regular(packed_path(self._path))
        weakref.finalize(self, file.close)
        return gzip.GzipFile(fileobj=file)

    def _until(self, file: _Bytes, end: int) -> Iterator[Chunk]:
        while self._offset < end and (chunk := self._next(file)):
            yield chunk

    def _next(self, file: _Bytes) -> Chunk | None:
        file.seek(self._offset)
        header = file.readline(_HEADER_LIMIT)
        self._ended = not header
        found = _HEADER.fullmatch(header)
        if found is None or (length := int(found[4])) > LIMIT:
            return None
        data = file.read(length + 1)
        if len(data) <= length:
            return None
        self._offset += len(header) + len(data)
        host = found[3].decode("utf-8", "backslashreplace")
        return Chunk(int(found[1]), found[2].decode(), host, data[:-1])

    @property
    def whole(self) -> bool:
        """Whether the last `more` came to the file's end."""
        return self._ended

    @property
    def offset(self) -> int:
        """Bytes read so far; behind the last chunk that could be read whole."""
        return self._offset


def open_regular(path: Path) -> BinaryIO:
    """Open a file for reading; raise OSError when it is missing, a link, or no regular file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return os.fdopen(descriptor, "rb")


def chunks(path: Path) -> Iterator[Chunk]:
    """Yield every whole chunk that is there by now; none if it can't be read."""
    return OutputReader(path).more(limit=1 << 62)


def read_host(path: Path, host: str, stream: str | None = None) -> bytes:
    """Return all that one host printed in an attempt, in order of arrival."""
    found = (chunk for chunk in chunks(path) if chunk.host == host and stream in (None, chunk.stream))
    return b"".join(chunk.data for chunk in found)


class _Stream:
    """One stream of one host: how much is written, and the kept end of what is past the limit."""

    __slots__ = ("digest", "kept", "stored", "tail", "total")

    def __init__(self) -> None:
        self.total = 0
        self.kept = 0
        self.tail = bytearray()
        self.digest = hashlib.sha256()
        # Goes its own way once something is held back: then what is stored is not what was sent.
        self.stored = self.digest


def _held_back(state: _Stream) -> tuple[list[bytes], int]:
    """Return what is still to be written of a stream, and how many bytes are left out before its end."""
    tail = bytes(state.tail[-LIMIT // 2 :])
    lost = state.total - state.kept - len(tail)
    pieces = [b"\n[%d bytes left out here]\n" % lost] if lost else []
    return ([*pieces, tail] if tail else pieces), lost


class Summary(Struct, frozen=True):
    """What became of one host's output in one attempt."""

    out: int
    err: int
    """Bytes sent on each stream, whether kept or not."""
    digest: str
    """Hex SHA-256 over both streams' digests: equal outputs have equal digests."""
    dropped: int
    """Bytes in the middle that the limit left out."""
    kept: str
    """Hex SHA-256 over both streams' digests as they are stored; `digest`, unless something was dropped."""


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
        room = LIMIT // 2 - state.kept
        head, rest = data[: max(room, 0)], data[max(room, 0) :]
        state.digest.update(head)
        if rest and state.stored is state.digest:
            state.stored = state.digest.copy()
        state.digest.update(rest)
        if head:
            state.kept += len(head)
            self._put(at, host, stream, head)
        if rest:
            state.tail += rest[-LIMIT // 2 :]
            if len(state.tail) > LIMIT:
                del state.tail[: -LIMIT // 2]

    def finish(self, at: int, host: str) -> Summary:
        """Write what was held back of a host's streams; return sizes and digest."""
        whole, stored = hashlib.sha256(), hashlib.sha256()
        totals, dropped = {"o": 0, "e": 0}, 0
        for stream in ("o", "e"):
            state = self._streams.pop((host, stream), None) or _Stream()
            held, lost = _held_back(state)
            for piece in held:
                self._put(at, host, stream, piece)
            if state.stored is not state.digest:
                state.stored.update(b"".join(held))
            totals[stream] = state.total
            dropped += lost
            whole.update(state.digest.digest())
            stored.update(state.stored.digest())
        self.flush()
        return Summary(totals["o"], totals["e"], whole.hexdigest(), dropped, stored.hexdigest())

    def flush(self) -> None:
        """Hand what is buffered to the system, so that readers see it."""
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _put(self, at: int, host: str, stream: str, data: bytes) -> None:
        self._file.write(b"#%d %s %s %d\n%s\n" % (at, stream.encode(), host.encode(), len(data), data))
