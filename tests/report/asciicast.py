"""A reader of asciicast version 3, written from its published description and from nothing of ours.

It takes what the description says and nothing else: https://docs.asciinema.org/manual/asciicast/v3
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_HEAD = {
    "version": int, "term": dict, "timestamp": int, "idle_time_limit": (int, float), "command": str,
    "title": str, "env": dict, "tags": list,
}  # fmt: skip
_TERM = {"cols": int, "rows": int, "type": str, "version": str, "theme": dict}
_DATA = {
    "o": re.compile(r".*", re.DOTALL),
    "i": re.compile(r".*", re.DOTALL),
    "m": re.compile(r".*", re.DOTALL),
    "r": re.compile(r"[1-9]\d*x[1-9]\d*"),
    "x": re.compile(r"\d+"),
}


class NoCastError(ValueError):
    """It is no asciicast of version 3."""


@dataclass(frozen=True)
class Cast:
    """A recording: its header, and its events with the seconds since it began."""

    head: dict[str, Any]
    events: tuple[tuple[float, str, str], ...]

    @property
    def printed(self) -> str:
        """All output."""
        return "".join(data for _, code, data in self.events if code == "o")

    def older(self) -> str:
        """Return it in version 2, as that is described."""
        head = {key: value for key, value in self.head.items() if key not in ("version", "term", "tags")}
        size = {"width": self.head["term"]["cols"], "height": self.head["term"]["rows"]}
        lines: list[Any] = [
            {"version": 2, **size, **head},
            *([at, code, data] for at, code, data in self.events),
        ]
        return "".join(json.dumps(line) + "\n" for line in lines)


def read(text: str) -> Cast:
    """Return a recording; raise NoCastError for what a strict reader refuses."""
    first, *lines = text.splitlines()
    head = _fields(json.loads(first), _HEAD, ("version", "term"))
    if head["version"] != 3:
        raise NoCastError("another version")
    term = _fields(head["term"], _TERM, ("cols", "rows"))
    if not (0 < term["cols"] < 1 << 16 and 0 < term["rows"] < 1 << 16):
        raise NoCastError("no size")
    at, events = 0.0, list[tuple[float, str, str]]()
    for line in lines:
        if line.startswith("#"):
            continue
        event = json.loads(line)
        if not (isinstance(event, list) and len(event) == 3):
            raise NoCastError(f"no event: {line[:80]}")
        pause, code, data = event
        if not isinstance(pause, int | float) or isinstance(pause, bool) or pause < 0:
            raise NoCastError(f"no interval: {line[:80]}")
        if code not in _DATA or not isinstance(data, str) or not _DATA[code].fullmatch(data):
            raise NoCastError(f"no such data: {line[:80]}")
        if events and events[-1][1] == "x":
            raise NoCastError("something stands behind the exit")
        at += pause
        events.append((at, code, data))
    return Cast(head, tuple(events))


def _fields(found: Any, known: dict[str, Any], needed: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(found, dict) or any(name not in found for name in needed):
        raise NoCastError("the header lacks something")
    for name, value in found.items():
        if name not in known or not isinstance(value, known[name]) or isinstance(value, bool):
            raise NoCastError(f"the header's {name}")
    return found
