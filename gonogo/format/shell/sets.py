"""Commands that give variables a value: `read`, `local`, `getopts` and their kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_NAME = re.compile(r"[A-Za-z_]\w*")
_WRAPPERS = frozenset({"command", "builtin"})
# Options that take a value, by the command they belong to.
_TAKES = {"read": "adinNptu", "mapfile": "dnOsuCc", "readarray": "dnOsuCc"}
_DECLARE = frozenset({"declare", "local", "typeset", "integer", "float"})
_EXPORT = frozenset({"export", "readonly"})


def declared(words: Sequence[str]) -> tuple[list[str], bool]:
    """Return the names that a command sets, and whether it may set any others too."""
    while words and words[0] in _WRAPPERS:
        words = words[1:]
    if not words:
        return [], False
    name, given = words[0], list(words[1:])
    if name in (".", "source", "eval"):
        return [], True
    return list(_names(name, given)), False


def _names(name: str, given: list[str]) -> Iterator[str]:
    if name in _DECLARE or name in _EXPORT:
        for word in given:
            match = _NAME.match(word)
            if match and (word[match.end() :][:1] in ("=", "+", "[") or name in _DECLARE):
                yield match[0]
    elif name in _TAKES:
        yield from _read(name, given)
    elif name in ("for", "select", "coproc"):
        yield from _plain(given[:1])
    elif name == "getopts":
        yield from (*_plain(given[1:2]), "OPTARG", "OPTIND")
    elif name in ("printf", "wait"):
        flag = "-v" if name == "printf" else "-p"
        if flag in given:
            yield from _plain(given[given.index(flag) + 1 :][:1])
    elif name == "let":
        yield from (match[0] for word in given if (match := _NAME.match(word)) and "=" in word)
    elif name in ("test", "[", "[[") and "-v" in given:
        yield from _plain(given[given.index("-v") + 1 :][:1])


def _read(name: str, given: list[str]) -> Iterator[str]:
    """Names after the options of `read` and `mapfile`; an array's name is an option's value."""
    takes, named, skip = _TAKES[name], False, False
    for at, word in enumerate(given):
        if skip:
            skip = False
        elif word.startswith("-") and len(word) > 1:
            letter = word[-1]
            skip = letter in takes
            if letter == "a" and name == "read":
                named = True
                yield from _plain(given[at + 1 : at + 2])
        elif match := _NAME.match(word):
            named = True
            yield match[0]
    if not named:
        yield "REPLY" if name == "read" else "MAPFILE"


def _plain(words: list[str]) -> Iterator[str]:
    yield from (word for word in words if _NAME.fullmatch(word))
