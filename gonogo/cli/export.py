"""Writing what a command made into a file: never over one that is there, never through a link."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from gonogo.errors import UsageError
from gonogo.text import clean_line

output = click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write it to this new file instead of the screen."
)
force = click.option("--force", is_flag=True, help="Replace the file if there is one.")


def put(pieces: Iterable[str], path: Path | None, *, force: bool) -> None:
    """Write pieces of text to standard output, or to a file that is whole or not there at all."""
    if path is None or str(path) == "-":
        for piece in pieces:
            sys.stdout.write(piece.encode("utf-8", "replace").decode())
        sys.stdout.flush()
        return
    _check(path, force=force)
    try:
        _write(pieces, path, force=force)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise UsageError(f"{_name(path)} cannot be written: {error.strerror}") from None


def _check(path: Path, *, force: bool) -> None:
    """Say what is wrong before minutes are spent on what goes into the file."""
    if path.is_symlink():
        raise UsageError(f"{_name(path)} is a link", "Name the file itself: links are not followed.")
    if path.exists():
        if not path.is_file():
            raise UsageError(f"{_name(path)} is no file", "Name a new file.")
        if not force:
            raise _exists(path)
    elif not path.absolute().parent.is_dir():
        raise UsageError(f"{_name(path)}: there is no such folder", "Make it first.")


def _exists(path: Path) -> UsageError:
    return UsageError(f"{_name(path)} is there already", "Name a new file, or replace it with --force.")


def _write(pieces: Iterable[str], path: Path, *, force: bool) -> None:
    """Write beside it and put it in place whole."""
    beside = path.with_name(f".{path.name[:200]}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(beside, flags, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                file.write(piece.encode("utf-8", "replace"))
        if force:
            os.replace(beside, path)
        else:
            os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _name(path: Path) -> str:
    return clean_line(str(path))
