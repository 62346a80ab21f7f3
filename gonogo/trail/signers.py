"""OpenSSH's allowed_signers: who may sign what, with which key, from when to when.

Read as `ssh-keygen -Y verify` reads it: a line that is wrong counts for nothing and the others stand. Lines
for certificate authorities are not supported: they match nobody and are reported.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct, field

from gonogo.errors import UsageError
from gonogo.text import clean_line

from .keys import Unreadable
from .sshsig import PublicKey

SIZE_LIMIT = 4 << 20
"""Bytes of an allowed_signers file."""
_SPACE = " \t\r\n"
_OPTION = re.compile(r'(namespaces|valid-after|valid-before)="((?:\\"|\\(?!")|[^"\\])*)"', re.IGNORECASE)
_AUTHORITY = re.compile("cert-authority", re.IGNORECASE)
_TIMES = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}


class Entry(Struct, frozen=True):
    """One line: a key, whose it is, and what it may sign when."""

    principals: str
    """Patterns, as written: `alice@example.com,*@ops.example.com,!guest@ops.example.com`."""
    key: PublicKey
    namespaces: str | None = None
    after: datetime | None = None
    before: datetime | None = None

    def signs(self, key: PublicKey, namespace: str, at: datetime) -> bool:
        """Return whether this line lets `key` sign in `namespace` at that time (aware)."""
        return (
            self.key == key
            and (self.namespaces is None or matches(namespace, self.namespaces))
            and (self.after is None or at >= self.after)
            and (self.before is None or at <= self.before)
        )


class Signers(Struct, frozen=True):
    """A whole file. `problems` says, with file:line, which lines count for nothing and why."""

    name: str
    entries: tuple[Entry, ...] = ()
    problems: tuple[str, ...] = ()
    _by_key: dict[bytes, list[Entry]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Sort the lines by key."""
        for entry in self.entries:
            self._by_key.setdefault(entry.key.blob, []).append(entry)

    def allows(self, principal: str, key: PublicKey, namespace: str, at: datetime) -> bool:
        """Return whether `principal` may sign with `key`: what `ssh-keygen -Y verify -I principal` says."""
        return any(matches(principal, one.principals) for one in self._lines(key, namespace, at))

    def names(self, key: PublicKey, namespace: str, at: datetime) -> tuple[str, ...]:
        """Return whose key it is, as written in the lines that let it sign; empty for nobody's."""
        found: dict[str, None] = {}
        for entry in self._lines(key, namespace, at):
            names = entry.principals.split(",")
            found.update(dict.fromkeys(name for name in names if name[:1] not in ("", "!")))
        return tuple(found)

    def owners(self, key: PublicKey) -> frozenset[str]:
        """Return every name that any line gives this key, whenever and for whatever."""
        lines = self._by_key.get(key.blob, ())
        return frozenset(name for entry in lines for name in entry.principals.split(",") if name)

    def _lines(self, key: PublicKey, namespace: str, at: datetime) -> Iterable[Entry]:
        return (entry for entry in self._by_key.get(key.blob, ()) if entry.signs(key, namespace, at))


def load_signers(path: Path) -> Signers:
    """Read a file; raise UsageError when it cannot be read."""
    return parse_signers(read_signers(path), str(path))


def read_signers(path: Path) -> bytes:
    """Return a file's bytes; raise UsageError when it cannot be read or is too large."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "Name an allowed_signers file.") from None
    if len(data) > SIZE_LIMIT:
        raise UsageError(f"{path} is larger than {SIZE_LIMIT >> 20} MiB", "Name an allowed_signers file.")
    return data


def parse_signers(data: bytes, name: str = "allowed_signers") -> Signers:
    """Read allowed_signers; nothing in it is fatal."""
    entries, problems = [], []
    for number, line in enumerate(data.split(b"\n"), 1):
        text = line.decode("utf-8", "surrogateescape").lstrip(_SPACE)
        if not text or text.startswith("#"):
            continue
        try:
            entries.append(_entry(text))
        except Unreadable as error:
            problems.append(f"{clean_line(name)}:{number}: this line counts for nothing: {error}")
    return Signers(name, tuple(entries), tuple(problems))


def matches(text: str, patterns: str) -> bool:
    """Return whether `text` matches a comma-separated list; a `!pattern` that matches refuses it."""
    found = False
    for pattern in patterns.split(","):
        if _glob(pattern.removeprefix("!"), text):
            if pattern.startswith("!"):
                return False
            found = True
    return found


def _glob(pattern: str, text: str) -> bool:
    """Match `*` and `?`, in time |pattern| x |text| at worst."""
    at = here = mark = 0
    star = -1
    while at < len(text):
        if here < len(pattern) and pattern[here] == "*":
            star, mark = here, at
            here += 1
        elif here < len(pattern) and pattern[here] in ("?", text[at]):
            here += 1
            at += 1
        elif star >= 0:
            mark += 1
            here, at = star + 1, mark
        else:
            return False
    return not pattern[here:].strip("*")


def _entry(text: str) -> Entry:
    principals, rest = _word(text)
    try:
        return Entry(principals, PublicKey.parse(rest))
    except Unreadable as error:
        options, key = _past_options(rest)
        if not key:
            raise error from None
    return Entry(principals, PublicKey.parse(key), *_options(options))


def _word(text: str) -> tuple[str, str]:
    """Split the principals off; a quote anywhere in them takes blanks in, up to the next quote."""
    end = re.search(r'[ \t\r\n"]', text)
    if end is None:
        raise Unreadable("it has no key")
    word, rest = text[: end.start()], text[end.end() :]
    if end[0] == '"':
        quoted, closing, rest = rest.partition('"')
        if not closing:
            raise Unreadable("its quotes are not closed")
        word += quoted
    return word, rest.lstrip(_SPACE)


def _past_options(text: str) -> tuple[str, str]:
    """Split the options off: they end at the first blank outside of quotes."""
    at, quoted = 0, False
    while at < len(text) and (quoted or text[at] not in " \t"):
        if text.startswith('\\"', at):
            at += 1
        elif text[at] == '"':
            quoted = not quoted
        at += 1
    if quoted:
        raise Unreadable("its quotes are not closed")
    return text[:at], text[at:].lstrip(" \t")


def _options(text: str) -> tuple[str | None, datetime | None, datetime | None]:
    found: dict[str, str] = {}
    at = 0
    while True:
        if _AUTHORITY.match(text, at):
            raise Unreadable("certificate authorities are not supported")
        option = _OPTION.match(text, at)
        if option is None:
            raise Unreadable(f"unknown or broken option {clean_line(text[at : at + 40])!r}")
        name = option[1].lower()
        if name in found:
            raise Unreadable(f"{name} stands twice")
        found[name] = option[2].replace('\\"', '"')
        at = option.end()
        if at == len(text):
            break
        if text[at] != ",":
            raise Unreadable(f"unknown or broken option {clean_line(text[at : at + 40])!r}")
        at += 1
    after, before = _time(found, "valid-after"), _time(found, "valid-before")
    if after and before and before <= after:
        raise Unreadable("valid-before is not after valid-after")
    return found.get("namespaces"), after, before


def _time(found: dict[str, str], name: str) -> datetime | None:
    """`YYYYMMDD[HHMM[SS]]`, local time unless `Z` stands behind it."""
    text = found.get(name)
    if text is None:
        return None
    digits = text[:-1] if text[-1:] in ("Z", "z") else text
    form = _TIMES.get(len(digits))
    try:
        if form is None or not (digits.isascii() and digits.isdigit()):
            raise ValueError
        time = datetime.strptime(digits, form)  # noqa: DTZ007 - the zone is known in the next line
        return time.replace(tzinfo=UTC) if digits != text else time.astimezone()
    except (ValueError, OverflowError):
        raise Unreadable(f"{name} is no time: {clean_line(text[:40])!r}") from None
