"""The words of a block in `openstack`: one command a line, `name name key=value key="a value" flag`.

A `$name` stands for a value wherever it is, in quotes too, and is put in after the line was taken apart: no
value can become a command or an option.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet

from msgspec import Struct, field

from gonogo.errors import ExecutorError
from gonogo.near import meant
from gonogo.text import clean_line

_VALUE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_OPTION = re.compile(r"([a-z][a-z0-9_-]*)=(.*)\Z", re.DOTALL)
_DURATION = re.compile(r"([0-9]{1,6})(s|m|h)\Z")
_UNITS = {"s": 1, "m": 60, "h": 3600}


class Mistake(ExecutorError):
    """A block that cannot be; `line` is 1 for its first line."""

    def __init__(self, line: int, said: str, mend: str = "") -> None:
        super().__init__(f"line {line} of the block: {said}", mend)
        self.line, self.said = line, said


class NoValue(Mistake):
    """A name that has no value."""


class Words(Struct, frozen=True):
    """What a command may say. `options` have a value, `flags` have none."""

    options: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    """Options that it cannot be without."""
    one_of: tuple[str, ...] = ()
    """Options of which it needs just one."""
    needed_by: Mapping[str, str] = field(default_factory=dict)
    """Flag or option -> the option that it cannot be without."""


class Ask(Struct, frozen=True):
    """One command as it was written, its values put in."""

    name: str
    line: int
    options: Mapping[str, str] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()

    def text(self) -> str:
        """Return it as it would be written."""
        options = [f"{key}={shlex.quote(value)}" for key, value in self.options.items()]
        return clean_line(" ".join([self.name, *options, *sorted(self.flags)]))

    def whole(self, key: str) -> int | None:
        """Return an option that is a whole number, or None where it is not given."""
        text = self.options.get(key)
        if text is None:
            return None
        if not (text.isascii() and text.isdecimal() and len(text) <= 9):
            raise self.wrong(f"{key}={text} is no whole number")
        return int(text)

    def seconds(self, key: str, default: float) -> float:
        """Return an option that is a duration, in seconds."""
        text = self.options.get(key)
        if text is None:
            return default
        match = _DURATION.fullmatch(text)
        if match is None:
            raise self.wrong(f"{key}={text} is no duration", "Write 30s, 15m or 2h.")
        return int(match[1]) * _UNITS[match[2]]

    def names(self, key: str) -> tuple[str, ...]:
        """Return an option that is a list with commas."""
        return tuple(name for name in self.options.get(key, "").split(",") if name)

    def wrong(self, what: str, mend: str = "") -> Mistake:
        """Return the error for a mistake in this command."""
        return _wrong(self.line, what, mend)


def parse(script: str, values: Mapping[str, str], known: Mapping[str, Words]) -> tuple[Ask, ...]:
    """Return a script's commands; raise ExecutorError for the first mistake. Nothing has run by then."""
    found = []
    for number, line in enumerate(script.splitlines(), 1):
        try:
            words = shlex.split(line, comments=True)
        except ValueError as error:
            raise _wrong(number, f"the quotes do not match ({error})") from None
        if words:
            found.append(_ask(number, [_filled(word, values, number) for word in words], known))
    if not found:
        raise Mistake(1, "there is no command", f"There are: {', '.join(known)}.")
    return tuple(found)


def _ask(line: int, words: list[str], known: Mapping[str, Words]) -> Ask:
    name = next((" ".join(words[:size]) for size in (2, 1) if " ".join(words[:size]) in known), None)
    if name is None:
        raise _unknown(line, "command", " ".join(words[:2]), known)
    may = known[name]
    options: dict[str, str] = {}
    flags = set[str]()
    for word in words[len(name.split()) :]:
        match = _OPTION.fullmatch(word)
        key = match[1] if match else word
        if key in options or key in flags:
            raise _wrong(line, f"{key} stands twice")
        if match is None and key in may.flags:
            flags.add(key)
        elif match is not None and key in may.options:
            options[key] = match[2]
        else:
            raise _unknown(
                line, "word", word, [*(f"{one}=" for one in sorted(may.options)), *sorted(may.flags)]
            )
    if wrong := _lacks(may, options.keys(), flags):
        raise _wrong(line, f"{name} {wrong}")
    return Ask(name, line, options, frozenset(flags))


def _lacks(may: Words, options: AbstractSet[str], flags: AbstractSet[str]) -> str:
    """Return what a command lacks, or has too much of; nothing when it is whole."""
    if missing := sorted(may.needs - options):
        return f"needs {missing[0]}="
    if may.one_of and sum(one in options for one in may.one_of) != 1:
        return f"needs one of {'= and '.join(may.one_of)}="
    for word, needed in may.needed_by.items():
        if word in options | flags and needed not in options:
            return f"needs {needed}= for {word}"
    return ""


def _filled(word: str, values: Mapping[str, str], line: int) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name not in values:
            raise NoValue(
                line, f"${name} has no value", "Make it an input, capture it before, or set it in env=."
            )
        return values[name]

    return _VALUE.sub(value, word)


def _unknown(line: int, what: str, word: str, known: Collection[str]) -> Mistake:
    mend = meant(word.split("=", maxsplit=1)[0], known, f"There are: {', '.join(known)}.")
    return _wrong(line, f"there is no {what} {word!r} here", mend)


def _wrong(line: int, what: str, mend: str = "") -> Mistake:
    return Mistake(line, clean_line(what), mend)
