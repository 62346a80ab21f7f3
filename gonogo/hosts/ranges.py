"""Names that stand for many: Ansible's `web[01:10:2]`, `db-[a:f]` and ClusterShell's `cell[01-40,50]-n[1-3]`.

Both ends are in, everywhere.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Sequence
from itertools import product
from math import prod

from .names import Refused, brief

_RANGE = re.compile(r"\[([^\[\]:]*):([^\[\]:]+)(?::(\d{1,9}))?\]")
_NODE_RANGE = re.compile(r"\[([\d,/-]+)\]")
_NODE_PART = re.compile(r"(\d{1,18})(?:-(\d{1,18})(?:/(\d{1,9}))?)?")
_BRACKETED = re.compile(r"\[(.+)\]:(\d{1,9})")
_WITH_PORT = re.compile(r"((?:[^:\[\]]|\[[^\]]*\])*):(\d{1,9})")
LIMIT = 200_000
"""Names that one line, and one inventory, may stand for."""


def expand_spec(spec: str) -> tuple[list[str], str | None]:
    """Return the names and the port of an inventory's `web[1:3]:2222`; raise Refused."""
    match = _BRACKETED.fullmatch(spec) or _WITH_PORT.fullmatch(spec)
    if match is None:
        if spec.endswith(":") and not spec.endswith("::") and "[" not in spec:
            raise Refused(f"{brief(spec)!r} ends with ':' but has no port", "Write it as in web1:2222.")
        return expand(spec), None
    if not 1 <= int(match[2]) <= 65535:
        raise Refused(f"{match[2]} is no port", "A port is 1 to 65535.")
    return expand(match[1]), str(int(match[2]))


def expand(name: str) -> list[str]:
    """Return the names that an inventory's line stands for; raise Refused."""
    if "[" not in name and "]" not in name:
        return [name]
    return _expand(
        name, _RANGE, lambda match: _parts(match[1] or "0", match[2], int(match[3] or 1)), "[01:10]"
    )


def expand_nodes(name: str) -> list[str]:
    """Return the names of a ClusterShell node set without operators; raise Refused."""
    return _expand(name, _NODE_RANGE, _node_parts, "[01-10]")


def _expand(
    name: str, ranges: re.Pattern[str], parts: Callable[[re.Match[str]], Sequence[str]], example: str
) -> list[str]:
    fixed = ranges.sub("\0", name)
    if "[" in fixed or "]" in fixed or "\0" in name:
        raise Refused(f"{brief(name)!r} holds a bracket that is no range", f"Write it as in web{example}.")
    fields = [parts(match) for match in ranges.finditer(name)]
    if prod(map(len, fields)) > LIMIT:
        raise Refused(f"{brief(name)!r} stands for more than {LIMIT} hosts", "Narrow its ranges.")
    shape = fixed.replace("%", "%%").replace("\0", "%s")
    return [shape % values for values in product(*fields)]


def _parts(first: str, last: str, stride: int) -> Sequence[str]:
    letters = string.ascii_letters
    if _is_number(first) and _is_number(last):
        return _numbers(first, last, stride)
    if first in letters and last in letters and letters.find(first) <= letters.find(last) and stride:
        return letters[letters.index(first) : letters.index(last) + 1 : stride]
    raise Refused(f"[{brief(first)}:{brief(last)}] is no range", "Write it as in [01:10] or [a:f].")


def _node_parts(match: re.Match[str]) -> Sequence[str]:
    found: dict[str, None] = {}
    for part in match[1].split(","):
        ends = _NODE_PART.fullmatch(part)
        if ends is None:
            raise Refused(f"{match.group()} is no range", "Write it as in [01-10,12] or [1-9/2].")
        found.update(dict.fromkeys(_numbers(ends[1], ends[2] or ends[1], int(ends[3] or 1))))
    return tuple(found)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18


def _numbers(first: str, last: str, stride: int) -> Sequence[str]:
    padded = first.startswith("0") and len(first) > 1
    if (padded or (last.startswith("0") and len(last) > 1)) and len(first) != len(last):
        raise Refused(
            f"the range {first} to {last} pads its ends differently", "Write both ends equally long."
        )
    if stride < 1 or int(first) > int(last):
        raise Refused(f"the range {first} to {last} is empty", "Write the lower end first, a stride from 1.")
    numbers = range(int(first), int(last) + 1, stride)
    if len(numbers) > LIMIT:
        raise Refused(f"the range {first} to {last} stands for more than {LIMIT} hosts", "Narrow it.")
    return [str(number).zfill(len(first)) if padded else str(number) for number in numbers]
