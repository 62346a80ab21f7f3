"""From what is named on the command line to runbooks: files as they are, folders looked through."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

_ENDS = (".md", ".markdown", ".yaml", ".yml")
_YAML = (".yaml", ".yml")
_LEFT_OUT = frozenset({"node_modules", "__pycache__"})
_HEAD = 64 << 10
_OURS = re.compile(rb"""^[ \t]*\{?[ \t]*["']?gonogo["']?[ \t]*[:=]""", re.MULTILINE)
_OURS_YAML = re.compile(rb"""^(?:\{[ \t]*)?["']?gonogo["']?[ \t]*:""", re.MULTILINE)


def find(named: Sequence[Path], *, ours: bool = False) -> Iterator[tuple[Path, bool]]:
    """Yield each file once, and whether it is told in any case; of a folder those that may be ours.

    Hidden folders and links are passed over. A folder without any yields itself. With `ours` named files
    are looked at as a folder's are.
    """
    seen: set[str] = set()
    for path in named:
        if not os.path.isdir(path):
            passed = ours and os.path.isfile(path) and not _may_be_ours(str(path))
            found: Iterator[tuple[Path, bool]] = iter([] if passed else [(path, not ours)])
        else:
            inside = [(one, False) for one in sorted(_inside(path))]
            found = iter(inside or [(path, True)])
        for one, by_name in found:
            real = os.path.realpath(one)
            if real not in seen:
                seen.add(real)
                yield one, by_name


def _inside(folder: Path) -> Iterator[Path]:
    for at, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _LEFT_OUT]
        for name in files:
            path = os.path.join(at, name)
            if (
                name.endswith(_ENDS)
                and os.path.isfile(path)
                and not os.path.islink(path)
                and _may_be_ours(path)
            ):
                yield Path(path)


def _may_be_ours(path: str) -> bool:
    """Tell whether a file's head names us; one that cannot be read is told later."""
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return True
    return (_OURS_YAML if path.endswith(_YAML) else _OURS).search(head) is not None
