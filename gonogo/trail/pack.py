"""Packing a run's output: gzip, so that it commits and mails small and still verifies."""

from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path
from typing import IO

from msgspec import Struct

from gonogo.errors import TrailError

from .output import open_regular, packed_path
from .writer import sync_directory

_PIECE = 1 << 20


class Packed(Struct, frozen=True):
    """What packing came to. Bytes."""

    files: int
    before: int
    after: int


def pack(run: Path) -> Packed:
    """Pack every output file of a run that is over; raise TrailError when one can't be.

    Each is read back and compared before the plain one is taken away, so a crash leaves one that is whole.
    The same output packs to the same bytes.
    """
    folder = run / "output"
    files = before = after = 0
    try:
        for path in sorted(folder.glob("*.out")):
            before += path.lstat().st_size
            after += _pack(path)
            files += 1
        if files:
            sync_directory(folder)
    except (OSError, EOFError) as error:
        raise TrailError(
            f"{folder} cannot be packed: {error}", "What is not packed stays as it is."
        ) from None
    return Packed(files, before, after)


def _pack(path: Path) -> int:
    to = packed_path(path)
    beside = path.with_name(f".{path.name}.packing")
    beside.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(beside, flags, 0o600), "wb") as file:
        digest = _compress(path, file)
        file.flush()
        os.fsync(file.fileno())
    with open_regular(beside) as packed, gzip.GzipFile(fileobj=packed) as unpacked:
        if hashlib.file_digest(unpacked, "sha256").digest() != digest:
            raise OSError(f"{path.name} reads back as something else")
    os.replace(beside, to)
    path.unlink()
    return to.lstat().st_size


def _compress(path: Path, file: IO[bytes]) -> bytes:
    """Write a file's bytes compressed; return their digest."""
    digest = hashlib.sha256()
    with (
        open_regular(path) as plain,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed,
    ):
        while piece := plain.read(_PIECE):
            digest.update(piece)
            packed.write(piece)
    return digest.digest()
