"""Editing a command in the operator's own editor. No toolkit in here."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gonogo.text import clean

Lend = Callable[[Sequence[str], str], int]
"""Runs a program (argument vector, title) in this terminal; returns its exit code."""
LONGEST = 256 << 10
"""Bytes of a command that was edited outside."""


def shown_whole(text: str) -> bool:
    """Tell whether a text can be drawn and edited without changing it."""
    return clean(text) == text


@dataclass(frozen=True, slots=True)
class Draft:
    """A command in a file, and what edits it there."""

    argv: list[str]
    title: str

    def taken(self, code: int) -> str:
        """Return the text as an editor left it that ended so.

        Raise ValueError when it is not to be taken, OSError when it cannot be read.
        """
        if code:
            raise ValueError(f"The editor ended with {code}: nothing was taken")
        with Path(self.argv[-1]).open("rb") as file:
            data = file.read(LONGEST + 1)
        if len(data) > LONGEST:
            raise ValueError(f"It is longer than {LONGEST >> 10} KiB: nothing was taken")
        found = data.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
        if not shown_whole(found):
            raise ValueError("It holds characters that cannot be shown as they are: nothing was taken")
        return found


@contextmanager
def drafted(text: str) -> Iterator[Draft]:
    """Write a text where `$VISUAL` or `$EDITOR`, else vi, can edit it; it is gone afterwards."""
    words = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory(prefix="gonogo-edit-") as folder:
        path = Path(folder, "command.sh")
        path.write_text(text, encoding="utf-8")
        yield Draft([*words, str(path)], f"your editor, {words[0]}")


def edited_outside(text: str, lend: Lend) -> str:
    """Give the terminal to the editor; return the text as it was left.

    Raise ValueError when it is not to be taken, OSError when it cannot be read.
    """
    with drafted(text) as draft:
        return draft.taken(lend(draft.argv, draft.title))
