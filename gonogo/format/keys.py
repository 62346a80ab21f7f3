"""The keys of a step: one table for both spellings, with each value's check."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from gonogo.near import nearest
from gonogo.text import clean_line

from .condition import parse
from .duration import duration
from .model import Options, Place, Script, Verdict
from .moment import moment
from .problems import Problems

_DIGITS = 9
"""A count or duration with more digits is a slip, and would overflow."""
PAUSE = re.compile(r"[0-9]{1,9}[smhd]\Z")
SIZE = re.compile(r"(?:[1-9][0-9]{0,8}|(?!0(?:\.0+)?%)(?:100|[1-9]?[0-9](?:\.[0-9]{1,9})?)%)\Z")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@-]{0,63}\Z")
IGNORED = frozenset(
    {"excludefromrunall", "tag", "category", "background", "promptenv", "closeterminalonsuccess"}
    | {"mimetype", "skipprompts", "terminalrows", "transform"}
)
"""Keys of other tools that mean nothing here."""
_WHERE = frozenset({"hosts", "via", "as"})
"""Keys that say where a block runs: a bad value is an error in any document, else it would run elsewhere."""


def flag(text: str) -> bool:
    """Return whether it is set; a bare word sets it."""
    if text.lower() in ("", "true", "yes"):
        return True
    if text.lower() in ("false", "no"):
        return False
    raise ValueError(f"{text!r} is neither true nor false: write true")


def some_text(text: str) -> str:
    """Return a text that is not empty."""
    if not text.strip():
        raise ValueError("a value is missing: write one")
    return text


def host_pattern(text: str) -> str:
    """Return a host pattern; one that begins with a dash could be taken for an option."""
    if text.lstrip().startswith("-"):
        raise ValueError(
            f"{text!r} is no host pattern, for it begins with a dash: write the name of a host or group"
        )
    return some_text(text)


class Word(Struct, frozen=True):
    """A value that the whole pattern must match; `what` names it in the message, `like` describes it."""

    pattern: re.Pattern[str]
    what: str
    like: str

    def __call__(self, text: str) -> str:
        """Return the value, or raise ValueError."""
        if not self.pattern.fullmatch(text):
            raise ValueError(f"{text!r} is no {self.what}: write {self.like}")
        return text


class OneOf(Struct, frozen=True):
    """A value that is one of a few words."""

    words: tuple[str, ...]

    def __call__(self, text: str) -> str:
        """Return the word, or raise ValueError."""
        if text not in self.words:
            raise ValueError(f"{text!r} is not known here: write one of {', '.join(self.words)}")
        return text


class Count(Struct, frozen=True):
    """A whole number that is not below `least`."""

    least: int

    def __call__(self, text: str) -> int:
        """Return the number, or raise ValueError."""
        if not _is_number(text) or int(text) < self.least:
            raise ValueError(f"{text!r} is no whole number that fits: write {self.least} or more")
        return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _DIGITS


def batch(text: str) -> tuple[str, ...]:
    """Return the sizes of a ramp as written."""
    sizes = tuple(size.strip() for size in text.split(","))
    for size in sizes:
        if not SIZE.fullmatch(size):
            raise ValueError(f"{size!r} is no batch size: write 10, 10% or a ramp such as 1,10,20%")
    return sizes


def failures(text: str) -> str:
    """Return a count or a share as written."""
    if text not in ("0", "0%") and not SIZE.fullmatch(text):
        raise ValueError(f"{text!r} is neither a count nor a share: write 3 or 2%")
    return text


def between(text: str) -> str:
    """Return `ask`, `go`, or whole seconds as digits."""
    if text in ("ask", "go"):
        return text
    seconds = duration(text)
    if not PAUSE.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is no pause of whole seconds: write 30s or 5m")
    return str(int(seconds))


def exit_map(text: str) -> tuple[tuple[int, Verdict], ...]:
    """Return exit codes with what they mean."""
    found = []
    for pair in text.replace(",", " ").split():
        code, _, word = pair.partition("=")
        if not _is_number(code) or int(code) > 255 or word not in set(Verdict):
            raise ValueError(
                f"{pair!r} is no exit code with a meaning: write 1=warn, or another of {', '.join(Verdict)}"
            )
        found.append((int(code), Verdict(word)))
    _refuse_twice(code for code, _ in found)
    return tuple(found)


def regex(text: str) -> str:
    """Return a regular expression as written."""
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(
            f"{text!r} is no regular expression ({error}): write \\ before what is meant as it stands"
        ) from None
    return text


def words(text: str) -> tuple[str, ...]:
    """Return words that stand between commas or spaces."""
    return tuple(word for word in re.split(r"[,\s]+", text) if word)


def env(text: str) -> tuple[tuple[str, str], ...]:
    """Return variables with their values."""
    pairs = []
    for pair in text.split(","):
        name, equals, value = pair.strip().partition("=")
        if not equals or not NAME.fullmatch(name):
            raise ValueError(f"{pair!r} is no variable with a value: write NAME=value")
        pairs.append((name, value))
    _refuse_twice(name for name, _ in pairs)
    return tuple(pairs)


def _refuse_twice(names: Iterable[object]) -> None:
    seen = set[object]()
    for name in names:
        if name in seen:
            raise ValueError(f"{name} stands twice: write it once")
        seen.add(name)


def variables(text: str) -> tuple[str, ...]:
    """Return names of variables that stand between commas or spaces."""
    return tuple(_variable(word) for word in re.split(r"[,\s]+", text) if word)


def condition(text: str) -> str:
    """Return a `when` as written."""
    parse(text)
    return text


def clock_time(text: str) -> str:
    """Return a wall-clock time as written."""
    moment(text, datetime.now().astimezone())
    return text


_variable = Word(NAME, "variable name", "letters, digits and _")
KEYS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "hosts": ("hosts", host_pattern),
    "via": ("via", some_text),
    "as": ("run_as", Word(_USER, "user name", "letters, digits and ._@-")),
    "cwd": ("cwd", some_text),
    "env": ("env", env),
    "interpreter": ("interpreter", some_text),
    "interactive": ("interactive", flag),
    "batch": ("batch", batch),
    "order": ("order", OneOf(("inventory", "reverse_inventory", "sorted", "reverse_sorted", "shuffle"))),
    "parallel": ("parallel", Count(1)),
    "between": ("between", between),
    "max-failures": ("max_failures", failures),
    "timeout": ("timeout", duration),
    "connect-timeout": ("connect_timeout", duration),
    "retries": ("retries", Count(0)),
    "retry-delay": ("retry_delay", duration),
    "until": ("until", flag),
    "every": ("every", duration),
    "exit": ("exit_map", exit_map),
    "expect": ("expect", regex),
    "expect-not": ("expect_not", regex),
    "capture": ("capture", _variable),
    "capture-keys": ("capture_keys", variables),
    "same-as": ("same_as", _variable),
    "gate": ("gate", OneOf(("go", "auto", "typed", "approve"))),
    "approvers": ("approvers", Count(1)),
    "role": ("role", Word(NAME, "role", "letters, digits and _")),
    "read-only": ("read_only", flag),
    "outage-begin": ("outage_begin", some_text),
    "outage-end": ("outage_end", some_text),
    "on-failure": ("on_failure", OneOf(("ask", "continue", "stop", "rollback"))),
    "no-output": ("no_output", flag),
    "no-rollback": ("no_rollback", some_text),
    "when": ("when", condition),
    "wait": ("wait", duration),
    "at": ("at", clock_time),
    "tags": ("tags", words),
}
ROLES = frozenset({"check", "rollback", "ignore", "run", "prose", "test"})
"""Words that say what a code block is; `test` may also stand on a heading, for all blocks under it."""
SCRIPT_KEYS = {"check": ("every", "timeout"), "rollback": ("timeout",)}
"""Options that a check or rollback has of its own."""
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
                what, mend = said(error)
                report = problems.error if ours or key in _WHERE else problems.warn
                report(place, "bad-value", f"{key}: {what}", mend)
        elif ours and key.lower() not in IGNORED:
            problems.error(place, "unknown-key", f"there is no key {clean_line(key)!r}", _near(key))
    return replace(base, **changes) if changes else base


def read_script(
    role: str,
    script: Script,
    step: Options,
    given: Mapping[str, tuple[str, Place]],
    ours: bool,
    problems: Problems,
) -> Script:
    """Return a check or rollback with its own `every` and `timeout`; the rest is as its step says."""
    own = read_options(Options(), given, ours, problems)
    for key, (_, place) in given.items():
        if key in KEYS and key not in SCRIPT_KEYS[role]:
            field = KEYS[key][0]
            if getattr(own, field) != getattr(step, field):
                message = f"a check or rollback runs as its step does: {key} cannot differ"
                problems.error(place, "other-than-step", message, f"Take {key}= out.")
    every = own.every if "every" in SCRIPT_KEYS[role] else None
    return replace(script, every=every, timeout=own.timeout)


def said(error: ValueError) -> tuple[str, str]:
    """Return what an error says is wrong, and the mend that it has after `: write`."""
    what, _, mend = clean_line(str(error)).partition(": write ")
    return what, f"Write {mend}." if mend else "Look the key up in the format's tables; spaces want quotes."


def _near(key: str) -> str:
    found = nearest(key, [*KEYS, *ROLES, *NAMES])
    return f"Did you mean {found!r}?" if found else "Take it out: it would do nothing."
