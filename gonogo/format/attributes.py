"""Attributes of a code block or comment: `{key=value key="a value" flag}`, or JSON."""

from __future__ import annotations

import json
import re
from typing import Any

from gonogo.text import clean_line

from .model import Place
from .problems import Problems
from .yamlread import UNFIT, UNFIT_TOLD

Given = dict[str, tuple[str, Place]]
_WORD = re.compile(
    r"""([A-Za-z][A-Za-z0-9_.-]*)(?:=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'{}]*))?(?=\s|\Z)""", re.DOTALL
)
_RUNMES = {"tag": "tags", "category": "tags"}
_DIRECTIVES = frozenset({"code", "code-block", "code-cell", "sourcecode"})
"""MyST's blocks of code, as in `{code-block} bash`."""
_LINES = re.compile(r"[\d,\s-]+")
"""Lines to highlight, as in `{1,3-5}`."""
_SPACE = re.compile(r"\s*")


def fence_info(info: str, place: Place, problems: Problems, *, ours: bool) -> tuple[str, Given]:
    """Return the language and attributes of a fence's info string that begins at `place`.

    In a document that is not ours runme's rules hold, and what is malformed is kept and warned of.
    """
    brace = info.find("{")
    words = (info if brace < 0 else info[:brace]).split()
    language = words[0].lower() if words else ""
    if brace < 0:
        return language, {}
    at = Place(place.file, place.line, place.column + brace)
    if not ours:
        return _theirs(info, language, at, problems)
    end = _closing(info, brace)
    if end is None:
        problems.error(at, "bad-attributes", "the attributes' { is never closed", "Add a }.")
        return language, {}
    inner = info[brace + 1 : end]
    if inner.lstrip().startswith('"'):
        return language, _json(info[brace : end + 1], at, problems)
    return language, words_of(inner, Place(at.file, at.line, at.column + 1), problems)


def _closing(info: str, brace: int) -> int | None:
    """Return where the brace at `brace` closes; braces inside quotes do not count."""
    depth, quote, escaped = 0, "", False
    for at in range(brace, len(info)):
        letter = info[at]
        if quote:
            if letter == quote and not escaped:
                quote = ""
            escaped = letter == "\\" and quote == '"' and not escaped
        elif letter in "\"'":
            quote, escaped = letter, False
        elif letter in "{}":
            depth += 1 if letter == "{" else -1
            if depth == 0:
                return at
    return None


def _json(text: str, place: Place, problems: Problems) -> Given:
    try:
        data = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        message = f"the attributes are no JSON: {clean_line(str(error))}"
        problems.error(place, "bad-attributes", message, "Check the quotes.")
        return {}
    found = {key: (_shown(value), place) for key, value in data.items()}
    if any(UNFIT.search(key + value) for key, (value, _) in found.items()):
        problems.error(place, "bad-attributes", UNFIT_TOLD, "Take it out.")
        return {}
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _shown(value: Any) -> str:
    """Return a JSON value as the words would spell it."""
    if isinstance(value, list):
        return ",".join(map(_shown, value))
    if isinstance(value, dict):
        return ",".join(f"{key}={_shown(one)}" for key, one in value.items())
    return value if isinstance(value, str) else json.dumps(value)


def words_of(text: str, place: Place, problems: Problems | None) -> Given:
    """Return `key=value`, `key="a value"` and bare words; the text begins at `place`."""
    found: Given = {}
    where = _Cursor(place)
    at = _skip(text, 0)
    while at < len(text):
        match = _WORD.match(text, at)
        here = where.at(text, at)
        if match is None:
            if problems is not None:
                rest = clean_line(text[at : at + 40].strip())
                mend = 'Write key=value or key="a value".'
                problems.error(here, "bad-attributes", f"{rest!r} is no attribute", mend, len(rest))
            return found
        key, value = match[1], match[2]
        if key in found and problems is not None:
            problems.error(here, "bad-attributes", f"{key} stands twice", "Take one out.", len(key))
        found[key] = (_unquoted(value) if value is not None else "", here)
        at = _skip(text, match.end())
    return found


class _Cursor:
    """Turns offsets that only grow into places, in one pass over the text."""

    def __init__(self, place: Place) -> None:
        self._file, self._line, self._column, self._offset = place.file, place.line, place.column, 0

    def at(self, text: str, offset: int) -> Place:
        lines = text.count("\n", self._offset, offset)
        if lines:
            self._line += lines
            self._column = offset - text.rfind("\n", 0, offset)
        else:
            self._column += offset - self._offset
        self._offset = offset
        return Place(self._file, self._line, self._column)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        return re.sub(r"\\(.)", r"\1", value[1:-1], flags=re.DOTALL)
    return value[1:-1] if value.startswith("'") else value


def _theirs(info: str, language: str, place: Place, problems: Problems) -> tuple[str, Given]:
    """Read attributes as runme does: up to the first `}`, JSON first, else words split at single spaces."""
    match = re.search(r"\{(?!\})", info)
    if match is None:
        return language, {}
    end = info.find("}", match.end())
    if end < 0:
        problems.warn(place, "bad-attributes", "the attributes' { is never closed", "Add a }.")
        return language, {}
    inner = info[match.end() : end]
    if _LINES.fullmatch(inner):
        return language, {}
    if not language and (first := re.match(r"\s*\.?([A-Za-z][\w-]*)(?![\w=-])", inner)):
        language = first[1].lower()
        if language in _DIRECTIVES:
            language = info[end + 1 :].strip().partition(" ")[0].lower()
    found = _json_of(info[match.start() : end + 1])
    if found is None:
        found = dict(_halves(word) for word in inner.split(" ") if word)
        if any(not re.fullmatch(r"[.#]?[A-Za-z][\w.-]*", key) for key in found):
            shown = clean_line(inner.strip()[:40])
            mend = 'Write { key=value } or {"key": "value"}.'
            problems.warn(place, "bad-attributes", f"{shown!r} is neither words nor JSON", mend)
    return language, {_RUNMES.get(key, key): (value, place) for key, value in found.items()}


def _json_of(text: str) -> dict[str, str] | None:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    found = {str(key): _shown(value) for key, value in data.items()}
    return None if UNFIT.search("".join([*found, *found.values()])) else found


def _halves(word: str) -> tuple[str, str]:
    key, _, value = word.partition("=")
    return key.strip(), value.strip()
