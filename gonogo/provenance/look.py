"""From a runbook's path to its repository, commit, people and changes."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from gonogo.text import clean_bytes, clean_line

from .address import remote
from .difference import difference
from .model import Change, Provenance
from .repository import Git, Objects, Place, Unreadable, find, read_small
from .signature import Signers, examine

DIFFERENCE_LIMIT = 64 << 10
"""Bytes of all differences together."""
LISTED = 200
"""Changed files that are listed, and files outside the repository."""
Source = tuple[str, bytes]
_TREE = re.compile(rb"tree ([0-9a-f]{40,64})\n")
_AUTHOR = re.compile(rb"^author ([^\n]*>) (\d{1,11}) ([-+](?:0\d|1[0-4]))([0-5]\d)$", re.MULTILINE)


def look(path: Path, sources: Sequence[Source] = (), allowed_signers: str | None = None) -> Provenance:
    """Say where a runbook comes from. Never raises; what cannot be known is said in `absent`.

    `sources` are the files of the run with the bytes that were read; without any, the runbook is read.
    `allowed_signers` is the runbook's own file of them, relative to its folder, as it is in the commit.
    """
    real = Path(os.path.realpath(path))
    try:
        place = find(real)
        if place is None:
            return Provenance(absent="it is outside any git repository")
        given = sources or [(str(real), real.read_bytes())]
        # Commits can hold what only git's own readers are made for; they work in a folder of their own.
        with tempfile.TemporaryDirectory(prefix="gonogo-git-") as scratch:
            git = Git(place, Path(scratch))
            with Objects(git) as objects:
                return _Look(place, git, objects).at(real, given, allowed_signers)
    except Unreadable as error:
        return Provenance(absent=clean_line(str(error)))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return Provenance(absent=clean_line(f"git could not be asked: {why}"))


class _Look:
    def __init__(self, place: Place, git: Git, objects: Objects) -> None:
        self._place = place
        self._git = git
        self._objects = objects
        self._name, _, self._commit = objects.read("HEAD")
        match = _TREE.match(self._commit)
        if match is None:
            raise Unreadable("its head is no commit")
        self._tree = match[1].decode()

    def at(self, runbook: Path, sources: Sequence[Source], allowed_signers: str | None) -> Provenance:
        path = self._within(runbook)
        author, authored, authored_in = self._author(path)
        inside, outside = self._sort(sources)
        changes = list(self._changes(inside))
        return Provenance(
            repository=remote(self._git.settings, self._git.branch) or clean_line(self._place.root.name),
            path=clean_line(path),
            commit=self._name,
            branch=clean_line(self._git.branch),
            signature=examine(self._commit, self._signers(runbook, allowed_signers), self._git.scratch),
            author=author,
            authored=authored,
            authored_in=authored_in,
            dirty=bool(changes),
            changes=tuple(changes[:LISTED]),
            more_changes=len(changes[LISTED:]),
            elsewhere=tuple(clean_line(name) for name in outside[:LISTED]),
        )

    def _within(self, path: Path) -> str:
        return str(path.relative_to(self._place.root))

    def _sort(self, sources: Sequence[Source]) -> tuple[dict[str, bytes], list[str]]:
        """Part the files in the repository (path within it -> bytes) from those outside."""
        inside: dict[str, bytes] = {}
        outside: list[str] = []
        for name, data in sources:
            real = Path(os.path.realpath(name))
            # What a program printed is no file.
            if real.is_file():
                if real.is_relative_to(self._place.root):
                    inside[self._within(real)] = data
                else:
                    outside.append(name)
        return inside, outside

    def _changes(self, files: dict[str, bytes]) -> Iterator[Change]:
        room = DIFFERENCE_LIMIT
        for path, data in files.items():
            known = self._objects.entry(self._tree, path)
            # With a filter for line ends git itself calls these two the same.
            same = {self._objects.identify("blob", form) for form in (data, data.replace(b"\r\n", b"\n"))}
            if known not in same:
                before = self._objects.read(known)[2] if known else None
                change = difference(self._git, path, before, data, room)
                room -= len(change.difference.encode())
                yield change

    def _author(self, path: str) -> tuple[str, str, str]:
        """Return who last committed the file, when and in which commit; nothing when nobody did."""
        last = (
            self._git.ask("rev-list", "--max-count=1", "HEAD", "--", path).decode("ascii", "replace").strip()
        )
        match = _AUTHOR.search(self._objects.read(last)[2]) if last else None
        if match is None:
            return "", "", ""
        zone = timezone(timedelta(minutes=int(match[3]) * 60 + int(match[3][:1] + match[4])))
        when = datetime.fromtimestamp(int(match[2]), UTC).astimezone(zone)
        return clean_line(clean_bytes(match[1])), when.isoformat(), last

    def _signers(self, runbook: Path, allowed_signers: str | None) -> list[Signers]:
        """Return the operator's own file of allowed signers, then the repository's as committed."""
        found = []
        if b"\ngpgsig" in self._commit:
            own = self._git.operators("gpg.ssh.allowedSignersFile")
            if os.path.isabs(own):
                found.append(Signers("operator", read_small(Path(own))))
            paths = self._named(runbook, allowed_signers)
            entries = ((path, self._objects.entry(self._tree, path)) for path in paths)
            found += [
                Signers(clean_line(path), self._objects.read(known)[2]) for path, known in entries if known
            ]
        return found

    def _named(self, runbook: Path, allowed_signers: str | None) -> Iterator[str]:
        if allowed_signers is not None:
            path = os.path.relpath(os.path.normpath(runbook.parent / allowed_signers), self._place.root)
            if not path.startswith(".."):
                yield path
        yield "allowed_signers"
