"""One line of the trail: how it is written, chained and checked.

A line is a JSON object `{"n":…,"t":…,"m":…,"d":…,"k":…,…,"h":"<64 hex>"}` and a newline. `d` counts the
records that were on disk when this one was made: a reader tells by it what a power cut can have taken. `h` is
SHA-256 over the previous line's `h` (32 raw bytes) and this line's bytes before `,"h":"`. The hash is
over the bytes as they are, so nothing needs a canonical JSON, and the fixed tail of 73 bytes is
frame, checksum and chain link in one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

VERSION = 1
TAIL = 73
"""Bytes of `,"h":"<64 hex>"}` and the newline."""
LINE_LIMIT = 1 << 20
_DEPTH_LIMIT = 16
GENESIS = hashlib.sha256(b"gonogo-audit/1\n").digest()
"""What the first line is chained to."""
_MARK = b',"h":"'
_FOREIGN = (b"\xef\xbb\xbf", b"<<<<<<<", b"=======", b">>>>>>>")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_HALF = re.compile("[\ud800-\udfff]")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_INTEGER_LIMIT = 1 << 53


class BadLine(ValueError):
    """A line that is no record, or breaks the chain. The text says why."""


class BadRecord(BadLine):
    """A line whose hash fits, so it was written as it is, but which is no record."""


def encode(previous: bytes, fields: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """Return a line (with its newline) and its hash; raise BadLine for what no reader would take back."""
    body = _spelled(fields)[:-1]
    if len(body) + TAIL > LINE_LIMIT:
        raise BadLine(f"a record of {len(body)} bytes is too long")
    digest = hashlib.sha256(previous + body).digest()
    return b'%s,"h":"%s"}\n' % (body, digest.hex().encode()), digest


def _spelled(fields: Mapping[str, Any]) -> bytes:
    """Return the JSON. What is plain and reads back as it was takes a fifth of the time: nearly all does."""
    with contextlib.suppress(ValueError, TypeError, RecursionError):
        data = _ENCODER.encode(fields)
        if _PLAIN.decode(data) == fields:
            return data
    _refuse_numbers(fields)
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode()
    except UnicodeEncodeError:  # half a surrogate pair: a file's name that is not UTF-8 holds such
        return _HALF.sub(lambda half: f"\\\\u{ord(half[0]):04x}", text).encode()


def hash_of(line: bytes) -> bytes:
    """Return the hash that a line of ours ends in."""
    return bytes.fromhex(line[-TAIL + len(_MARK) : -3].decode())


def decode(previous: bytes, line: bytes, number: int) -> tuple[dict[str, Any], bytes]:
    """Return a line's record and hash; raise BadLine unless it is the `number`th of this chain."""
    if not line.endswith(b"\n"):
        raise BadLine("the line is cut off")
    if line.endswith(b"\r\n"):
        raise BadLine("the line ends in CRLF: a checkout rewrote it; .gitattributes must say '* -text'")
    if line.startswith(_FOREIGN):
        raise BadLine("the line begins with a byte order mark or a merge conflict's marker")
    body, tail = line[:-TAIL], line[-TAIL:]
    if not tail.startswith(_MARK) or not tail.endswith(b'"}\n'):
        raise BadLine("the line has no hash at its end")
    digest = hashlib.sha256(previous + body).digest()
    if tail[len(_MARK) : -3] != digest.hex().encode():
        raise BadLine("the hash does not fit: this line or one before it was changed, lost or moved")
    record = _parse(body + b"}")
    if record.get("n") != number:
        raise BadRecord(f"record {record.get('n')} stands where {number} belongs")
    return record, digest


def _parse(data: bytes) -> dict[str, Any]:
    record = _plain(data)
    if record is None:
        record = _parse_any(data)
    if not _is_record(record):
        raise BadRecord("the record lacks its number, time or kind")
    return record


def _plain(data: bytes) -> dict[str, Any] | None:
    """Return a record whose values are simple and which is spelled as we spell it; None for any other.

    Nearly all are (a run's exits), and this takes a fifth of the time that the careful reading takes. What
    encodes to the same bytes again has no key twice, and no integer in another spelling.
    """
    try:
        record = _PLAIN.decode(data)
    except (ValueError, RecursionError):
        return None
    return record if _ENCODER.encode(record) == data else None


def _parse_any(data: bytes) -> Any:
    if data.count(b"{") + data.count(b"[") > _DEPTH_LIMIT and _depth(data) > _DEPTH_LIMIT:
        raise BadRecord("the record is nested too deeply")
    try:
        record = _DECODER.decode(data.decode())
        # An escape can spell half a surrogate pair, which no UTF-8 holds.
        if b"\\u" in data:
            json.dumps(record, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadRecord(f"the record is no JSON: {error}") from None
    return record


def _is_record(record: Any) -> bool:
    if not isinstance(record, dict):
        return False
    time = record.get("t")
    # bool is an int to isinstance, so the types are compared.
    return (
        type(record.get("n")) is int
        and type(record.get("m")) is int
        and isinstance(record.get("k"), str)
        and isinstance(time, str)
        and _TIME.fullmatch(time) is not None
    )


def _depth(data: bytes) -> int:
    """Return how deep brackets nest outside of strings."""
    depth = deepest = 0
    for byte in _STRING.sub(b"", data):
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadRecord("a key stands twice")
    return found


def _refuse_numbers(value: Any) -> None:
    """Readers disagree about floats and large integers, so none is written."""
    if isinstance(value, float) or (isinstance(value, int) and abs(value) >= _INTEGER_LIMIT):
        raise BadLine(f"{value!r} cannot be recorded: only integers below 2^53 can")
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return
    for inner in value:
        _refuse_numbers(inner)


def _no_number(text: str) -> Any:
    raise BadRecord(f"{text[:40]} is no number here: only integers below 2^53 are")


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) >= _INTEGER_LIMIT:
        _no_number(text)
    return int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_no_duplicates,
    parse_constant=_no_number,
    parse_float=_no_number,
    parse_int=_integer,
)


_Exact = Annotated[int, msgspec.Meta(gt=-_INTEGER_LIMIT, lt=_INTEGER_LIMIT)]
_PLAIN = msgspec.json.Decoder(dict[str, _Exact | str | bool | list[str] | None])
_ENCODER = msgspec.json.Encoder()


def wall_time() -> str:
    """Return the wall clock as RFC 3339 UTC with microseconds."""
    return f"{datetime.now(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
