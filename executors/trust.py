"""Which host keys are trusted: known_hosts files, each read once, however many hosts there are."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

import asyncssh

from gonogo.errors import ExecutorError
from gonogo.text import clean_line

_log = logging.getLogger(__name__)


class KnownHosts:
    """Parsed files by their paths."""

    def __init__(self) -> None:
        self._parsed: dict[tuple[str, ...], asyncssh.SSHKnownHosts] = {}

    def of(self, paths: Sequence[str]) -> asyncssh.SSHKnownHosts:
        """Return the keys of some files. A missing file trusts nobody; a bad line is left out."""
        key = tuple(paths)
        if key not in self._parsed:
            self._parsed[key] = _parse(line for path in paths for line in _lines(path))
        return self._parsed[key]


def _lines(path: str) -> list[str]:
    try:
        return Path(path).expanduser().read_text("utf-8", "replace").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise ExecutorError(f"{clean_line(path)}: known hosts cannot be read: {error.strerror}") from None


def _parse(lines: Iterable[str]) -> asyncssh.SSHKnownHosts:
    kept = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    try:
        return asyncssh.import_known_hosts("\n".join(kept))
    except (ValueError, asyncssh.Error):
        return asyncssh.import_known_hosts("\n".join(line for line in kept if _readable(line)))


def _readable(line: str) -> bool:
    try:
        asyncssh.import_known_hosts(line)
    except (ValueError, asyncssh.Error):
        _log.warning("a line of known_hosts cannot be read: %s", clean_line(line[:80]))
        return False
    return True
