"""Attributes of a code block or comment: `{key=value key="a value" flag}`, or JSON."""

from __future__ import annotations

import json
import re

from gonogo.text import clean_line

from .model import Place
from .problems import Problems

Given = dict[str, tuple[str, Place]]
_WORD = re.compile(r"""\s*([A-Za-z][A-Za-z0-9_.-]*)(?:=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'{}]*))?(?=\s|\Z)""")


def fence_info(info: str, place: Place, problems: Problems, *, ours: bool) -> tuple[str, Given]:
    """Return the language and attributes of a fence's info string that begins at `place`."""
    brace = info.find("{")
    head = info if brace < 0 else info[:brace]
    words = head.split()
    language = words[0].lower() if words else ""
    if brace < 0:
        return language, {}
    end = _closing(info, brace)
    at = Place(place.file, place.line, place.column + brace)
    if end is None:
        if ours:
            problems.error(at, "bad-attributes", "the attributes' { is never closed", "Add a }.")
        return language, {}
    inner = info[brace + 1 : end]
    if inner.lstrip().startswith('"'):
        return language, _json(info[brace : end + 1], at, problems)
    found = words_of(inner, Place(at.file, at.line, at.column + 1), problems if ours else None)
    return language, found


def _closing(info: str, brace: int) -> int | None:
    """Return where the brace at `brace` closes; braces inside quotes do not count."""
    depth, quote = 0, ""
    for at in range(brace, len(info)):
        letter = info[at]
        if quote:
            if letter == quote and info[at - 1] != "\\":
                quote = ""
        elif letter in "\"'":
            quote = letter
        elif letter in "{}":
            depth += 1 if letter == "{" else -1
            if depth == 0:
                return at
    return None


def _json(text: str, place: Place, problems: Problems) -> Given:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        problems.error(place, "bad-attributes", f"the attributes are no JSON: {error}", "Check the quotes.")
        return {}
    found: Given = {}
    for key, value in data.items():
        shown = value if isinstance(value, str) else json.dumps(value)
        found[key] = (shown, place)
    return found


def words_of(text: str, place: Place, problems: Problems | None) -> Given:
    """Return `key=value`, `key="a value"` and bare words; the text begins at `place`."""
    found: Given = {}
    at = 0
    while at < len(text.rstrip()):
        match = _WORD.match(text, at)
        here = Place(place.file, place.line, place.column + at + len(text[at:]) - len(text[at:].lstrip()))
        if match is None:
            if problems is not None:
                rest = clean_line(text[at:].strip()[:40])
                mend = 'Write key=value or key="a value".'
                problems.error(here, "bad-attributes", f"{rest!r} is no attribute", mend)
            return found
        key, value = match[1], match[2]
        if key in found and problems is not None:
            problems.error(here, "bad-attributes", f"{key} stands twice", "Take one out.")
        found[key] = (_unquoted(value) if value is not None else "", here)
        at = match.end()
    return found


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value[1:-1] if value.startswith("'") else value
