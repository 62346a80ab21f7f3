"""Editing a command in the operator's own editor. No toolkit in here."""

from __future__ import annotations

import os
import shlex
import tempfile
from pathlib import Path

from gonogo.run.link import Lend
from gonogo.text import clean

LONGEST = 256 << 10
"""Bytes of a command that was edited outside."""


def shown_whole(text: str) -> bool:
    """Tell whether a text can be drawn and edited without changing it."""
    return clean(text) == text


async def edited_outside(text: str, lend: Lend) -> str:
    """Give the terminal to `$VISUAL` or `$EDITOR`, else vi; return the text as it was left.

    Raise ValueError when it is not to be taken, OSError when it cannot be read.
    """
    words = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory(prefix="gonogo-edit-") as folder:
        path = Path(folder, "command.sh")
        path.write_text(text, encoding="utf-8")
        if code := await lend([*words, str(path)], f"your editor, {words[0]}"):
            raise ValueError(f"The editor ended with {code}: nothing was taken")
        return _taken(path)


def _taken(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(LONGEST + 1)
    if len(data) > LONGEST:
        raise ValueError(f"It is longer than {LONGEST >> 10} KiB: nothing was taken")
    found = data.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    if not shown_whole(found):
        raise ValueError("It holds characters that cannot be shown as they are: nothing was taken")
    return found
