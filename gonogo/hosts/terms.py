"""How a pattern falls into terms at `,` and `:`; brackets, regexes and IPv6 names keep theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

_CLOSES = {"[": "]", "(": ")", "{": "}"}


class Term(NamedTuple):
    """One part of a pattern: its sign (`""`, `&` or `!`) and what it names."""

    sign: str
    text: str


def split(pattern: str, known: frozenset[str]) -> list[Term]:
    """Return the terms of a pattern; names in `known` that hold `:` (IPv6) stay whole between commas."""
    found = []
    for part in _split(pattern, ","):
        whole = _term(part)
        found += [whole] if whole.text in known else [_term(piece) for piece in _split(part, ":")]
    return [term for term in found if term.sign or term.text]


def _term(text: str) -> Term:
    text = text.strip()
    return Term(text[0], text[1:].strip()) if text[:1] in ("&", "!") else Term("", text)


def _split(text: str, mark: str) -> Iterator[str]:
    """Split outside of brackets; in a `~regex` also outside of parentheses, braces and escapes."""
    start, skip = 0, False
    closing: list[str] = []
    regex = _is_regex(text)
    for at, letter in enumerate(text):
        if skip:
            skip = False
        elif regex and letter == "\\":
            skip = True
        elif closing and letter == closing[-1]:
            closing.pop()
        elif letter == "[" and "]" not in closing:
            closing.append("]")
        elif regex and letter in "({" and "]" not in closing:
            closing.append(_CLOSES[letter])
        elif letter == mark and not closing:
            yield text[start:at]
            start, regex = at + 1, _is_regex(text[at + 1 :])
    yield text[start:]


def _is_regex(text: str) -> bool:
    return text.lstrip().lstrip("&!").lstrip().startswith("~")
