"""Looking for words in all of a run: its records and what its hosts printed, without holding either."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from gonogo.text import clean_bytes, clean_line
from gonogo.trail.output import chunks, open_regular, output_path
from gonogo.trail.record import LINE_LIMIT

AROUND = 60
"""Characters shown on either side of what was found."""
LINE = 4_096
"""Bytes kept of a line whose end has not come, so that what stands across two chunks is found."""
_OUTPUT = re.compile(r"(?:(\d{4,})-\d{2,}|test-\d{4,}-\d{2,})\.out(?:\.gz)?")
"""What hosts printed in a turn's attempt, or in a test of a round."""


class Hit(Struct, frozen=True):
    """One place where the words stand."""

    at: int
    """Nanoseconds since the run began."""
    land: int
    """Records folded in when they are: the found one is the last. 0 for output: go to `at`."""
    turn: int
    """-1 where it belongs to none."""
    host: str
    text: str
    """What stands there, cleaned, cut to what is around the words."""


def find(run: Path, wanted: str, end: int, stopped: Callable[[], bool]) -> Iterator[Hit | None]:
    """Yield where `wanted` stands, whatever the case, first in the trail's first `end` bytes, then in output.

    None comes now and then between hits, so that the caller can give up; `stopped` ends it as well.
    """
    yield from _in_records(run / "audit.jsonl", wanted, end, stopped)
    names = sorted(path.name for path in (run / "output").glob("*.out*"))
    for name in names:
        if stopped():
            return
        yield None
        if found := _OUTPUT.fullmatch(name):
            path = run / "output" / name.removesuffix(".gz")
            yield from find_output(path, int(found[1] or -1), wanted, stopped)


def _in_records(path: Path, wanted: str, end: int, stopped: Callable[[], bool]) -> Iterator[Hit | None]:
    spelled = json.dumps(wanted, ensure_ascii=False)[1:-1].encode("utf-8", "replace")
    pattern = re.compile(re.escape(spelled), re.IGNORECASE)
    with open_regular(path) as file:
        number = offset = 0
        while offset < end and (line := file.readline(LINE_LIMIT + 1)):
            number, offset = number + 1, offset + len(line)
            if number % 1_000 == 0:
                if stopped():
                    return
                yield None
            if pattern.search(line) and (hit := _record(json.loads(line), wanted, number)):
                yield hit


def _record(record: dict[str, Any], wanted: str, number: int) -> Hit | None:
    """Return the hit in a record's own words, if it is there: names of fields and hashes do not count."""
    for text in _strings({key: value for key, value in record.items() if key not in ("h", "digest", "t")}):
        if wanted.lower() in text.lower():
            turn = record.get("turn", -1)
            host = record.get("host", "")
            shown = f"{record['k']}: {_around(text, wanted)}"
            return Hit(int(record["m"]), number, turn if isinstance(turn, int) else -1, str(host), shown)
    return None


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def _around(text: str, wanted: str) -> str:
    """Return one clean line around the words."""
    at = max(text.lower().find(wanted.lower()), 0)
    begin, end = max(at - AROUND, 0), at + len(wanted) + AROUND
    cut = text[begin:end]
    return ("…" if begin else "") + clean_line(cut) + ("…" if end < len(text) else "")


def find_in_turn(
    run: Path, turn: int, attempts: int, wanted: str, stopped: Callable[[], bool]
) -> Iterator[Hit | None]:
    """Yield where `wanted` stands in what a turn's hosts printed in all its attempts, as `find` does."""
    for attempt in range(1, attempts + 1):
        yield from find_output(output_path(run, turn, attempt), turn, wanted, stopped)


def find_output(path: Path, turn: int, wanted: str, stopped: Callable[[], bool]) -> Iterator[Hit | None]:
    """Yield where `wanted` stands in one attempt's output, as `find` does."""
    pattern = re.compile(re.escape(wanted.encode("utf-8", "replace")), re.IGNORECASE)
    rests: dict[tuple[str, str], bytes] = {}
    for count, chunk in enumerate(chunks(path), 1):
        if count % 200 == 0:
            if stopped():
                return
            yield None
        key = (chunk.host, chunk.stream)
        data = rests.pop(key, b"") + chunk.data
        if pattern.search(data):
            *lines, data = data.split(b"\n")
            for line in lines:
                if pattern.search(line):
                    yield Hit(chunk.at, 0, turn, chunk.host, _around(clean_bytes(line), wanted))
            if pattern.search(data):  # told now: its end may never come
                yield Hit(chunk.at, 0, turn, chunk.host, _around(clean_bytes(data), wanted))
                data = b""
        if rest := data[data.rfind(b"\n") + 1 :][-LINE:]:
            rests[key] = rest
