"""Reading a trail: every record that can be trusted, and where the trust ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from gonogo.errors import TrailError

from .output import open_regular
from .record import GENESIS, LINE_LIMIT, VERSION, BadLine, BadRecord, decode

UNSYNCED_LIMIT = 32 << 20
"""Bytes that can be behind the last sync: more than the exits of 50,000 hosts."""
_BEGIN = b'{"n":0,"t":"'
_LINE = re.compile(rb"[^\n]*\n")
_DURABLE = re.compile(rb'\{"n":\d+,"t":"[^"]*","m":\d+,"d":(\d{1,15}),')


AFTER_END = frozenset(
    {"seal", "seal.failed", "anchor", "note", "operator", "clock.jump", "recovered", "run.resume"}
)
"""Kinds that may stand behind `run.end`: nothing runs any more while the last seal is made, nor when a run
is resumed because its trail was torn behind its end."""


class Verdict(StrEnum):
    """What a trail is worth. A reading alone never tells of signatures: `gonogo.trail.verify` does."""

    COMPLETE = "complete"
    OPEN = "open"
    TORN = "torn"
    CORRUPT = "corrupt"
    BAD_SIGNATURE = "bad-signature"
    UNKNOWN_SIGNER = "unknown-signer"
    UNSUPPORTED = "unsupported-version"
    EMPTY = "empty"


class Reading(Struct):
    """A trail as read: the chain's end and the verdict. Filled while `records` is consumed."""

    path: Path
    verdict: Verdict = Verdict.EMPTY
    why: str = ""
    count: int = 0
    head: bytes = b""
    """The last good record's hash."""
    offset: int = 0
    """Where the last good record ends."""
    torn: bytes = b""
    """What stands behind it, when only the last line is cut off."""
    last: dict[str, Any] = field(default_factory=dict)
    ended: bool = False
    """`run.end` was read, and nothing that a run does behind it."""

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield each record whose chain holds; set the verdict when done. Reads, never writes.

        Called again it goes on behind the last good record: for a trail that grows, or one read in parts.
        """
        self.head = self.head or GENESIS
        try:
            file = open_regular(self.path)
        except OSError as error:
            raise TrailError(
                f"{self.path}: the trail cannot be read: {error.strerror}",
                "Name a run directory: it holds audit.jsonl.",
            ) from None
        with file:
            file.seek(self.offset)
            yield from self._lines(file)

    def _lines(self, file: Any) -> Iterator[dict[str, Any]]:
        while line := file.readline(LINE_LIMIT + 1):
            try:
                if len(line) > LINE_LIMIT:
                    raise BadLine("the line is longer than any record")
                record, self.head = decode(self.head, line, self.count)
            except BadLine as error:
                self._stop(file, line, error)
                return
            if self.count == 0 and record.get("v") != VERSION:
                self.verdict = Verdict.UNSUPPORTED
                self.why = f"format version {record.get('v')}; this gonogo reads {VERSION}"
                return
            self.count += 1
            self.offset += len(line)
            self.last = record
            self.ended = record["k"] == "run.end" or (self.ended and record["k"] in AFTER_END)
            yield record
        if self.count:
            self.verdict = Verdict.COMPLETE if self.ended else Verdict.OPEN

    def _stop(self, file: Any, line: bytes, error: BadLine) -> None:
        """Tell what a crash leaves of the last writes from damage (a crash never does that)."""
        rest = line + file.read(UNSYNCED_LIMIT)
        endless = len(line) > LINE_LIMIT and b"\0" not in line
        written = endless or isinstance(error, BadRecord)
        if written or file.read(1) or not self._unsynced(rest):
            self.verdict = Verdict.CORRUPT
            self.why = f"at byte {self.offset} (record {self.count}): {error}"
        elif self.count:
            self.verdict, self.torn = Verdict.TORN, rest
            self.why = f"the last line is cut off after byte {self.offset}"
        else:
            self.why = "the first record is cut off: the run never began"

    def _unsynced(self, rest: bytes) -> bool:
        """Whether no sync reached these bytes: a cut line, or pages never written (zeros) among records
        of which none was made after a record missing here was on disk.
        """
        end = rest.find(b"\n")
        first = rest if end < 0 else rest[:end]
        if not self.count and not _BEGIN.startswith(first.rstrip(b"\0")[: len(_BEGIN)]):
            return False
        if end < 0:
            return True
        lines = (found[0] for found in _LINE.finditer(rest, end + 1))
        made = (_DURABLE.match(line) for line in lines if b"\0" not in line)
        return b"\0" in first and all(found and int(found[1]) <= self.count for found in made)


def read_all(path: Path) -> tuple[list[dict[str, Any]], Reading]:
    """Return all trusted records of a trail and how the reading ended."""
    reading = Reading(path)
    return list(reading.records()), reading
