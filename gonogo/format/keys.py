"""The keys of a step: one table for both spellings, with each value's check."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gonogo.text import clean_line

from .condition import parse
from .model import Options, Place, Script, Verdict
from .moment import moment
from .problems import Problems

_DIGITS = 9
"""A count or duration with more digits is a slip, and would overflow."""
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|d)\Z")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZE = re.compile(r"(?:[1-9]\d*|(?:100|[1-9]?\d(?:\.\d+)?)%)\Z")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@-]{0,63}\Z")
IGNORED = frozenset(
    {"excludefromrunall", "tag", "category", "background", "promptenv", "closeterminalonsuccess"}
    | {"mimetype", "skipprompts", "terminalrows", "transform"}
)
"""Keys of other tools that mean nothing here."""


def duration(text: str) -> float:
    """Return seconds; a bare number is refused, for nobody knows its unit."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no duration: write 30s, 15m or 2h")
    return float(match[1]) * _UNITS[match[2]]


def _flag(text: str) -> bool:
    if text.lower() in ("", "true", "yes"):
        return True
    if text.lower() in ("false", "no"):
        return False
    raise ValueError(f"{text!r} is neither true nor false")


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError("a value is missing")
    return text


def _hosts(text: str) -> str:
    if text.lstrip().startswith("-"):
        raise ValueError(f"{text!r} is no host pattern: it begins with a dash")
    return _text(text)


@dataclass(frozen=True, slots=True)
class Word:
    """A value that the whole pattern must match; `what` names it in the message."""

    pattern: re.Pattern[str]
    what: str

    def __call__(self, text: str) -> str:
        """Return the value, or raise ValueError."""
        if not self.pattern.fullmatch(text):
            raise ValueError(f"{text!r} is no {self.what}")
        return text


@dataclass(frozen=True, slots=True)
class OneOf:
    """A value that is one of a few words."""

    words: tuple[str, ...]

    def __call__(self, text: str) -> str:
        """Return the word, or raise ValueError."""
        if text not in self.words:
            raise ValueError(f"{text!r} must be one of {', '.join(self.words)}")
        return text


@dataclass(frozen=True, slots=True)
class Count:
    """A whole number that is not below `least`."""

    least: int

    def __call__(self, text: str) -> int:
        """Return the number, or raise ValueError."""
        if not text.isdecimal() or len(text) > _DIGITS or int(text) < self.least:
            raise ValueError(f"{text!r} must be a whole number of at least {self.least}")
        return int(text)


def _batch(text: str) -> tuple[str, ...]:
    sizes = tuple(size.strip() for size in text.split(","))
    for size in sizes:
        if not _SIZE.fullmatch(size) or size in ("0%", "0.0%"):
            raise ValueError(f"{size!r} is no batch size: write 10, 10% or a ramp such as 1,10,20%")
    return sizes


def _failures(text: str) -> str:
    if text != "0" and not _SIZE.fullmatch(text):
        raise ValueError(f"{text!r} is neither a count nor a share such as 2%")
    return text


def _between(text: str) -> str:
    return text if text in ("ask", "go") else str(int(duration(text)))


def _exit_map(text: str) -> tuple[tuple[int, Verdict], ...]:
    found = []
    for pair in text.replace(",", " ").split():
        code, _, word = pair.partition("=")
        if not code.isdecimal() or int(code) > 255 or word not in set(Verdict):
            raise ValueError(f"{pair!r} is no exit code and meaning such as 1=warn ({', '.join(Verdict)})")
        found.append((int(code), Verdict(word)))
    return tuple(found)


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from None
    return text


def _tags(text: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[,\s]+", text) if word)


def _env(text: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for pair in text.split(","):
        name, equals, value = pair.strip().partition("=")
        if not equals or not _NAME.fullmatch(name):
            raise ValueError(f"{pair!r} is no variable such as NAME=value")
        pairs.append((name, value))
    return tuple(pairs)


def _variables(text: str) -> tuple[str, ...]:
    return tuple(_variable(word) for word in re.split(r"[,\s]+", text) if word)


def _condition(text: str) -> str:
    parse(text)
    return text


def _time(text: str) -> str:
    moment(text, datetime.now().astimezone())
    return text


_variable = Word(_NAME, "variable name")
KEYS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "hosts": ("hosts", _hosts),
    "via": ("via", _text),
    "as": ("run_as", Word(_USER, "user name")),
    "cwd": ("cwd", _text),
    "env": ("env", _env),
    "interpreter": ("interpreter", _text),
    "interactive": ("interactive", _flag),
    "batch": ("batch", _batch),
    "order": ("order", OneOf(("inventory", "reverse_inventory", "sorted", "reverse_sorted", "shuffle"))),
    "parallel": ("parallel", Count(1)),
    "between": ("between", _between),
    "max-failures": ("max_failures", _failures),
    "timeout": ("timeout", duration),
    "connect-timeout": ("connect_timeout", duration),
    "retries": ("retries", Count(0)),
    "retry-delay": ("retry_delay", duration),
    "until": ("until", _flag),
    "every": ("every", duration),
    "exit": ("exit_map", _exit_map),
    "expect": ("expect", _regex),
    "expect-not": ("expect_not", _regex),
    "capture": ("capture", _variable),
    "capture-keys": ("capture_keys", _variables),
    "same-as": ("same_as", _variable),
    "gate": ("gate", OneOf(("go", "auto", "typed", "approve"))),
    "approvers": ("approvers", Count(1)),
    "role": ("role", Word(_NAME, "role")),
    "read-only": ("read_only", _flag),
    "outage-begin": ("outage_begin", _text),
    "outage-end": ("outage_end", _text),
    "on-failure": ("on_failure", OneOf(("ask", "continue", "stop", "rollback"))),
    "no-output": ("no_output", _flag),
    "no-rollback": ("no_rollback", _text),
    "when": ("when", _condition),
    "wait": ("wait", duration),
    "at": ("at", _time),
    "tags": ("tags", _tags),
}
ROLES = frozenset({"check", "rollback", "ignore", "run"})
"""Words that say what a code block is."""
NAMES = frozenset({"id", "name", "title"})


def read_options(
    base: Options, given: Mapping[str, tuple[str, Place]], ours: bool, problems: Problems
) -> Options:
    """Return `base` with the given keys over it; add a problem for each that cannot be."""
    changes: dict[str, Any] = {}
    for key, (value, place) in given.items():
        if key in ROLES or key in NAMES:
            continue
        if key in KEYS:
            field, parse = KEYS[key]
            try:
                changes[field] = parse(value)
            except ValueError as error:
                problems.error(place, "bad-value", f"{key}: {clean_line(str(error))}")
        elif ours and key.lower() not in IGNORED:
            problems.error(place, "unknown-key", f"there is no key {clean_line(key)!r}", _near(key))
    return replace(base, **changes)


def read_script(
    script: Script, step: Options, given: Mapping[str, tuple[str, Place]], ours: bool, problems: Problems
) -> Script:
    """Return a check or rollback with its own `every` and `timeout`; the rest is as its step says."""
    own = read_options(Options(), given, ours, problems)
    for key, (_, place) in given.items():
        if key in KEYS and key not in ("every", "timeout"):
            field = KEYS[key][0]
            if getattr(own, field) != getattr(step, field):
                message = f"a check or rollback runs as its step does: {key} cannot differ"
                problems.error(place, "other-than-step", message, f"Take {key}= out.")
    return replace(script, every=own.every, timeout=own.timeout)


def _near(key: str) -> str:
    found = difflib.get_close_matches(key, [*KEYS, *ROLES, *NAMES], n=1)
    return f"Did you mean {found[0]!r}?" if found else ""
