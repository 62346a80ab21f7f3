"""An asciicast of version 2, for asciinema before 3.0, which reads no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from .cast import recording


def render(run: Path, damaged: Callable[[str], None] = lambda why: None) -> Iterator[str]:
    """Yield the recording, line by line; `damaged` hears why the record cannot be trusted to its end."""
    return recording(run, damaged, version=2)
