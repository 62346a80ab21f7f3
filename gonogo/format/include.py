"""The files of a runbook: the document and what it includes, which never reaches out of the repository."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from msgspec import Struct, field

from gonogo.errors import RunbookError
from gonogo.text import clean_line

SIZE_LIMIT = 4 << 20
"""Bytes of one document, and of all that is included, each time counted."""
DEPTH_LIMIT = 5
COUNT_LIMIT = 500
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class Refused(Exception):
    """Why a file cannot be included, and the mend."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.what, self.mend = what, mend


class Files(Struct):
    """Opens included files. `sources` are those opened so far: path -> bytes."""

    path: str
    sources: dict[str, bytes] = field(default_factory=dict)
    _open: list[tuple[str, str]] = field(default_factory=list)
    """The documents being read, outermost first: shown path, real path."""
    _count: int = 0
    _bytes: int = 0

    def enter(self, target: str) -> tuple[str, bytes]:
        """Return an included document's path and bytes, until `leave`; raise Refused."""
        if not self._open:
            self._open.append((self.path, os.path.realpath(self.path)))
        if not target.strip() or "\0" in target:
            raise Refused("include names no file", "Write include=shared/announce.md.")
        if os.path.isabs(target) or _URL.match(target):
            raise Refused(
                f"{clean_line(target)} is no path inside the repository", "Name a file beside this one."
            )
        shown = os.path.normpath(os.path.join(os.path.dirname(self._open[-1][0]), target))
        real = self._real(os.path.join(os.path.dirname(self._open[-1][1]), target), target)
        if any(real == other for _, other in self._open):
            chain = " -> ".join(clean_line(one) for one, _ in [*self._open, (shown, real)])
            raise Refused(f"this includes itself: {chain}", "Take one include out.")
        if len(self._open) > DEPTH_LIMIT:
            raise Refused(f"included deeper than {DEPTH_LIMIT} documents", "Include it further up.")
        data = self._read(real, target)
        self._count += 1
        self._bytes += len(data)
        if self._count > COUNT_LIMIT or self._bytes > SIZE_LIMIT:
            what = f"more than {COUNT_LIMIT} files or {SIZE_LIMIT >> 20} MiB are included"
            raise Refused(what, "Split the runbook.")
        self._open.append((shown, real))
        self.sources.setdefault(shown, data)
        return shown, data

    def leave(self) -> None:
        """Close the document entered last."""
        self._open.pop()

    def _real(self, path: str, target: str) -> str:
        root = _root(self._open[0][1])
        what = f"{clean_line(target)} leads out of the repository {clean_line(root)}"
        outside = Refused(what, "Only what stands in the repository can be included.")
        # First as written: whether a file outside exists is nobody's business.
        if not _is_inside(os.path.normpath(path), root):
            raise outside
        try:
            real = os.path.realpath(path, strict=True)
        except (OSError, ValueError) as error:
            what = getattr(error, "strerror", None) or "no such path"
            raise Refused(f"{clean_line(target)}: {what}", "Name a file beside this one.") from None
        if not _is_inside(real, root):
            raise outside
        return real

    def _read(self, real: str, target: str) -> bytes:
        """Read a file by its real path, taking no link on the way: it may have been changed since."""
        root = _root(self._open[0][1])
        folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        *folders, name = os.path.relpath(real, root).split(os.sep)
        try:
            for part in folders:
                inner = os.open(
                    part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder
                )
                os.close(folder)
                folder = inner
            return read_file(name, target, folder)
        except (OSError, RunbookError) as error:
            what = (
                error.what if isinstance(error, RunbookError) else f"{clean_line(target)}: {error.strerror}"
            )
            raise Refused(what, "Include a Markdown, YAML or RST file.") from None
        finally:
            os.close(folder)


def _is_inside(path: str, root: str) -> bool:
    return os.path.commonpath([path, root]) == root


def _root(path: str) -> str:
    """Return the repository above a document, or its own folder where there is none."""
    folder = Path(path).parent
    found = next((one for one in (folder, *folder.parents) if os.path.lexists(one / ".git")), folder)
    return str(found)


def read_file(path: str | Path, name: str, folder: int | None = None) -> bytes:
    """Read a regular file of bounded size, and wait for nothing; raise RunbookError.

    In a `folder` (a descriptor) the last component must not be a link.
    """
    shown = clean_line(name)
    mend = "Name a Markdown, YAML or RST file."
    # Not blocking: opening a FIFO would wait for its writer.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (os.O_NOFOLLOW if folder is not None else 0)
    try:
        descriptor = os.open(path, flags, dir_fd=folder)
    except (OSError, ValueError) as error:
        raise RunbookError(f"{shown}: {getattr(error, 'strerror', None) or error}", mend) from None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise RunbookError(f"{shown} is {'a folder' if stat.S_ISDIR(found.st_mode) else 'no file'}", mend)
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise RunbookError(f"{shown}: {error.strerror}", mend) from None
    finally:
        os.close(descriptor)
    if len(data) > SIZE_LIMIT:
        raise RunbookError(f"{shown} has more than {SIZE_LIMIT >> 20} MiB", "No runbook is so large.")
    return data
