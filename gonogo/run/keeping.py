"""What hosts print in one attempt: secrets masked, bytes kept, its first ones remembered for the record."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Any

from msgspec import Struct

from gonogo.errors import TrailError
from gonogo.text import clean, clean_bytes
from gonogo.trail.output import OutputWriter, Summary

from .judge import JUDGED
from .masking import Streams
from .ports import Stream
from .scribe import Scribe

_DECODER = codecs.getincrementaldecoder("utf-8")
EXCERPT = 500
"""Bytes of output that go into the record, so that grep finds them."""


class Heard(Struct, frozen=True):
    """What one host printed."""

    summary: Summary
    excerpt: str
    """The first of it, cleaned; it ends with … where more follows."""
    lines: int
    """Lines of all of it, where more follows; else 0."""
    stdout: bytes
    """Up to one byte more than JUDGED, where it was asked for."""


class _First:
    """The first of what one host printed, and how many lines all of it has."""

    __slots__ = ("_cut", "_data", "_ended", "_ends")

    def __init__(self) -> None:
        self._data = b""
        self._cut = False
        """Something follows that is to be seen."""
        self._ends = 0
        self._ended = True

    def take(self, data: bytes) -> None:
        """Count a piece, and remember it as far as there is room."""
        room = EXCERPT - len(self._data)
        self._data += data[:room]
        self._cut = self._cut or bool(data[room:].strip())
        self._ends += data.count(b"\n")
        self._ended = data.endswith(b"\n")

    def told(self) -> tuple[str, int]:
        """Return the excerpt and the lines as `Heard` has them."""
        if not self._cut:
            return clean_bytes(self._data).rstrip(), 0
        # A character that is cut is left out: its first bytes would be told as no UTF-8.
        text = clean(_DECODER("backslashreplace").decode(self._data))
        return f"{text}…", self._ends + (not self._ended)


class Keeping:
    """Keeps output in a file; raises TrailError when that fails. `identity` names the attempt."""

    def __init__(self, path: Path, scribe: Scribe, identity: dict[str, Any], *, stdout: bool) -> None:
        self._scribe, self._identity, self._keeps_stdout = scribe, identity, stdout
        self._masked = Streams(scribe.secrets.all())
        self._firsts: dict[str, _First] = {}
        self._stdout: dict[str, bytearray] = {}
        try:
            self._writer = OutputWriter(path)
        except OSError as error:
            raise _unkept(error) from None

    def take(self, host: str, stream: Stream, data: bytes) -> None:
        """Keep a piece of output."""
        self._keep(host, stream, self._masked.feed((host, stream), data))

    def finish(self, host: str) -> Heard:
        """Store what is still held back of a host's output. What cannot be stored is only counted."""
        try:
            for stream in Stream:
                self._keep(host, stream, self._masked.finish((host, stream)))
            summary = self._writer.finish(self._scribe.now(), host)
        except (OSError, TrailError):
            self._scribe.record("gap", **self._identity, host=host, bytes=0, why="it could not be kept")
            summary = Summary(0, 0, "", 0, "")
        first = self._firsts.pop(host, None)
        return Heard(summary, *(first.told() if first else ("", 0)), bytes(self._stdout.pop(host, b"")))

    def gap(self, host: str, summary: Summary) -> None:
        """Say how much of a host's output is not kept, if so."""
        if summary.dropped:
            lost = {"bytes": summary.dropped, "kept": summary.kept}
            why = "more than is kept of one stream"
            self._scribe.record("gap", **self._identity, host=host, why=why, **lost)

    def flush(self) -> None:
        """Let readers see the output so far."""
        try:
            self._writer.flush()
        except OSError as error:
            raise _unkept(error) from None

    def close(self) -> None:
        """Close the output file."""
        try:
            self._writer.close()
        except OSError as error:
            raise _unkept(error) from None

    def _keep(self, host: str, stream: Stream, data: bytes) -> None:
        if not data:
            return
        try:
            self._writer.write(self._scribe.now(), host, stream.value, data)
        except OSError as error:
            raise _unkept(error) from None
        if (first := self._firsts.get(host)) is None:
            first = self._firsts[host] = _First()
        first.take(data)
        if self._keeps_stdout and stream is Stream.OUT:
            kept = self._stdout.setdefault(host, bytearray())
            kept += data[: JUDGED + 1 - len(kept)]


def _unkept(error: OSError) -> TrailError:
    return TrailError(f"what the hosts print cannot be kept: {error.strerror}", "Free the disk.")
