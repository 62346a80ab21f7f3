"""Ansible's ranges in inventories: `web[01:10:2].example.com`, `db-[a:f]`. Both ends are in."""

from __future__ import annotations

import re
import string

_RANGE = re.compile(r"\[([^\[\]:]+):([^\[\]:]+)(?::(\d+))?\]")
LIMIT = 200_000
"""Names that one line may stand for."""


def expand(name: str) -> list[str]:
    """Return the names that a line stands for; raise ValueError with what is wrong with a range."""
    match = _RANGE.search(name)
    if match is None:
        if "[" in name or "]" in name:
            raise ValueError(f"{name!r} holds a bracket that is no range such as [01:10]")
        return [name]
    parts = _parts(match[1], match[2], int(match[3] or 1))
    rest = expand(name[match.end() :])
    if len(parts) * len(rest) > LIMIT:
        raise ValueError(f"{name!r} stands for more than {LIMIT} hosts")
    return [name[: match.start()] + part + tail for part in parts for tail in rest]


def _parts(first: str, last: str, stride: int) -> list[str]:
    if stride < 1:
        raise ValueError("a range's stride must be at least 1")
    if first.isdecimal() and last.isdecimal():
        if len(first) > 1 and first.startswith("0") and len(first) != len(last):
            raise ValueError(f"the range {first}:{last} pads one end with zeros and not the other")
        width = len(first) if first.startswith("0") else 0
        if not int(first) <= int(last) <= int(first) + LIMIT * stride:
            raise ValueError(f"the range {first}:{last} is empty or too long")
        return [str(number).zfill(width) for number in range(int(first), int(last) + 1, stride)]
    letters = string.ascii_letters
    if first in letters and last in letters and letters.index(first) <= letters.index(last):
        return list(letters[letters.index(first) : letters.index(last) + 1 : stride])
    raise ValueError(f"{first}:{last} is no range")
