"""Which host keys are trusted: known_hosts files, each read once, however many hosts there are.

asyncssh's own reader compares every hashed line in Python for every connection (109 ms each with 5,000
lines) and gives up a whole file for one bad line.
"""

from __future__ import annotations

import binascii
import hmac
import re
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import asyncssh
from msgspec import Struct, field

from gonogo.text import clean_line

_MARKERS = ("@revoked", "@cert-authority")


class Trusted(Struct, frozen=True):
    """What is known about one host. `bad` names lines that could not be read."""

    keys: tuple[asyncssh.SSHKey, ...] = ()
    authorities: tuple[asyncssh.SSHKey, ...] = ()
    revoked: tuple[asyncssh.SSHKey, ...] = ()
    bad: tuple[str, ...] = ()


class _Entry(Struct, frozen=True):
    marker: str
    key: str
    place: str


class _Hashed(Struct, frozen=True):
    salt: bytes
    digest: bytes
    entry: _Entry

    def names(self, name: bytes) -> bool:
        """Return whether it is a hash of this name."""
        return hmac.digest(self.salt, name, "sha1") == self.digest


class _File(Struct):
    """One file's lines by how they name hosts."""

    names: dict[str, list[_Entry]] = field(default_factory=dict)
    patterns: list[tuple[list[re.Pattern[str]], list[re.Pattern[str]], _Entry]] = field(default_factory=list)
    hashed: list[_Hashed] = field(default_factory=list)
    marked: list[_Hashed] = field(default_factory=list)
    """Hashed lines that revoke, or name an authority: few, and never passed over."""
    by_key: dict[str, list[_Hashed]] = field(default_factory=dict)
    """All of `hashed`, also those that were found."""
    bad: list[str] = field(default_factory=list)

    def find(self, name: str, *, whole: bool = True) -> Iterator[_Entry]:
        """Yield the entries of a name; without `whole`, hashed lines with keys are passed over.

        A hash belongs to one name: once found it is kept under that.
        """
        wanted = name.encode()
        for lines in (self.marked, self.hashed) if whole else (self.marked,):
            rest = []
            for line in lines:
                if line.names(wanted):
                    self.names.setdefault(name, []).append(line.entry)
                else:
                    rest.append(line)
            lines[:] = rest
        yield from self.names.get(name, ())
        for yes, no, entry in self.patterns:
            if any(one.fullmatch(name) for one in yes) and not any(one.fullmatch(name) for one in no):
                yield entry

    def add(self, line: str, place: str) -> None:
        """Take one line in; raise ValueError for one that is none."""
        fields = line.split(None, 2)
        marker = fields.pop(0) if fields[0].startswith("@") else ""
        if len(fields) < 2 or (marker and marker not in _MARKERS):
            raise ValueError(line)
        hosts, key = fields[0], " ".join(fields[1:])
        if " " not in key:
            raise ValueError(line)
        entry = _Entry(marker, key, place)
        if hosts.startswith("|"):
            _, kind, salt, digest = hosts.split("|")
            if kind != "1":
                raise ValueError(line)
            line_of = _Hashed(binascii.a2b_base64(salt), binascii.a2b_base64(digest), entry)
            (self.marked if marker else self.hashed).append(line_of)
            if not marker:
                self.by_key.setdefault(key.split()[1], []).append(line_of)
        elif any(sign in hosts for sign in "*?!"):
            words = hosts.lower().split(",")
            yes = [_pattern(word) for word in words if not word.startswith("!")]
            self.patterns.append((yes, [_pattern(word[1:]) for word in words if word.startswith("!")], entry))
        else:
            for name in hosts.lower().split(","):
                self.names.setdefault(name, []).append(entry)


_NOTHING = _File()
"""A file that is missing: of the four that ssh looks at, most are."""
AT_HAND = 256
"""Hosts whose keys stay parsed, 0.6 KB each: a login asks three times for them, and then never again."""


class KnownHosts:
    """Files by their paths. May be asked from several threads."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        self._found: dict[tuple[tuple[str, ...], str, int], Trusted] = {}
        self._lock = threading.Lock()

    def of(self, paths: Sequence[str], host: str, port: int) -> Trusted:
        """Return what some files say of a host. A missing file trusts nobody."""
        wanted = (tuple(paths), host.lower(), port)
        with self._lock:
            found = self._found.get(wanted) or self._look_up(*wanted)
            self._found[wanted] = found
            if len(self._found) > AT_HAND:
                del self._found[next(iter(self._found))]
            return found

    def at_hand(self, paths: Sequence[str], host: str, port: int) -> tuple[Trusted, bool]:
        """Return what is known of a host without a search through hashed names, and whether that is all.

        A search takes a millisecond for each thousand lines. While it is not made, only what stands under
        the very name counts: a bare name's keys count for another port only where that has none.
        """
        wanted = (tuple(paths), host.lower(), port)
        with self._lock:
            if wanted in self._found:
                return self._found[wanted], True
            if any(self._file(path).hashed for path in paths):
                return self._look_up(*wanted, whole=False), False
        return self.of(paths, host, port), True

    def holds(self, paths: Sequence[str], host: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Return whether a hashed line names this host with this very key. That takes no search."""
        text = key.export_public_key().decode().split()[1]
        name = _name(host.lower(), port).encode()
        with self._lock:
            lines = [line for path in paths for line in self._file(path).by_key.get(text, ())]
        return any(line.names(name) for line in lines)

    def _look_up(self, paths: tuple[str, ...], host: str, port: int, *, whole: bool = True) -> Trusted:
        files = [file for file in map(self._file, paths) if file != _NOTHING]
        bad = [place for file in files for place in file.bad]
        plain = _parsed(host, files, bad, whole)
        if port == 22:
            return plain
        # As in OpenSSH: a host on another port is also known by its bare name, and revoked by either.
        found = _parsed(_name(host, port), files, bad, whole)
        kept = found if found.keys or found.authorities or not whole else plain
        return Trusted(kept.keys, kept.authorities, found.revoked + plain.revoked, found.bad)

    def _file(self, path: str) -> _File:
        if path not in self._files:
            self._files[path] = _read(path)
        return self._files[path]


def _read(path: str) -> _File:
    file = _File()
    try:
        text = Path(path).expanduser().read_text("utf-8", "replace")
    except (FileNotFoundError, NotADirectoryError):
        return file
    except (OSError, RuntimeError) as error:
        file.bad.append(f"{path} ({getattr(error, 'strerror', None) or error})")
        return file
    for number, line in enumerate(text.split("\n"), 1):
        if (line := line.strip()) and not line.startswith("#"):
            try:
                file.add(line, f"{path}:{number}")
            except ValueError:  # also binascii.Error
                file.bad.append(f"{path}:{number}")
    return file


def _parsed(name: str, files: Sequence[_File], bad: list[str], whole: bool) -> Trusted:
    keys: dict[str, list[asyncssh.SSHKey]] = {"": [], "@cert-authority": [], "@revoked": []}
    for entry in (entry for file in files for entry in file.find(name, whole=whole)):
        try:
            keys[entry.marker].append(asyncssh.import_public_key(entry.key))
        except (ValueError, asyncssh.Error):
            bad.append(entry.place)
    known, authorities, revoked = (tuple(keys[kind]) for kind in keys)
    return Trusted(known, authorities, revoked, tuple(clean_line(place) for place in bad))


def _name(host: str, port: int) -> str:
    return host if port == 22 else f"[{host}]:{port}"


def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(re.escape(word).replace(r"\*", ".*").replace(r"\?", "."))
