"""Inventories that are programs: run with --list, they print JSON."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from gonogo.errors import InventoryError
from gonogo.text import clean_line

from .names import Refused
from .tree import fault
from .yamlfile import SIZE_LIMIT

PROGRAM_SECONDS = 60


def is_program(path: Path) -> bool:
    """Tell whether a file is marked executable."""
    return os.path.isfile(path) and os.access(path, os.X_OK)


def run_program(path: Path) -> bytes | None:
    """Return what `path --list` prints; None when the system knows it as no program; raise InventoryError."""
    try:
        done = subprocess.run(
            [str(path.absolute()), "--list"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROGRAM_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _failed(path, f"printed nothing whole within {PROGRAM_SECONDS} s") from None
    except OSError as error:
        if error.errno == errno.ENOEXEC:
            return None
        raise _failed(path, f"did not start: {error.strerror}") from None
    if done.returncode:
        why = clean_line(done.stderr.decode("utf-8", "replace").strip()[-500:])
        raise _failed(path, f"ended with exit code {done.returncode}: {why}")
    if len(done.stdout) > SIZE_LIMIT:
        raise _failed(path, f"printed more than {SIZE_LIMIT >> 20} MiB")
    return done.stdout


def parse_json(data: bytes, source: str) -> Any:
    """Return the data; raise InventoryError with the line where it stops being JSON."""
    try:
        return json.loads(data, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        refused = Refused(f"this is no JSON: {clean_line(error.msg)}")
        raise fault(source, error.lineno, error.colno, refused) from None
    except (ValueError, RecursionError) as error:
        raise fault(source, 0, 0, Refused(f"this is no JSON: {clean_line(str(error))}")) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} stands twice")
    return found


def _failed(path: Path, why: str) -> InventoryError:
    shown = clean_line(str(path))
    return InventoryError(f"{shown} --list {why}", f"If it is a plain file and no program: chmod -x {shown}")
