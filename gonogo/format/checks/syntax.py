"""Whether bash can read every script; nothing is run."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Sequence
from typing import IO

from gonogo.text import clean_line

from ..model import Severity
from .whole import Block, Whole

_SECONDS = 20.0
"""For all scripts together."""
_FAULTS = 50
_BASHES = ("/usr/bin/bash", "/bin/bash", "/usr/local/bin/bash", "/opt/homebrew/bin/bash")


def check_syntax(whole: Whole) -> None:
    """Report scripts that are no shell. All are asked about at once; only when that fails by halves."""
    blocks = [
        block
        for blocks in whole.every
        for block in blocks
        if block.shell is not None and block.program != "zsh"
    ]
    if blocks:
        asking = _Asking(whole)
        # What does not close would hide its fault in the text of the next one.
        asking.ask([block for block in blocks if block.shell is not None and block.shell.whole])
        for block in blocks:
            if block.shell is not None and not block.shell.whole:
                asking.ask([block])


class _Asking:
    def __init__(self, whole: Whole) -> None:
        self._whole = whole
        self._bash = next((path for path in _BASHES if os.access(path, os.X_OK)), None)
        self._until = time.monotonic() + _SECONDS
        self._faults = 0

    def ask(self, blocks: Sequence[Block]) -> None:
        if not blocks or self._bash is None or self._faults >= _FAULTS:
            return
        text = blocks[0].filled if len(blocks) == 1 else _joined(blocks)
        said = self._said(self._bash, text)
        if said is None:
            return
        if len(blocks) == 1:
            self._faults += 1
            self._report(blocks[0], *said)
            return
        half = len(blocks) // 2
        self.ask(blocks[:half])
        self.ask(blocks[half:])

    def _said(self, bash: str, text: str) -> tuple[int, str] | None:
        """Return None, or the line and what bash says about it."""
        import subprocess

        try:
            with _file(text.encode("utf-8", "replace")) as file:
                done = subprocess.run(
                    [bash, "--norc", "--noprofile", "-O", "extglob", "-n"],
                    stdin=file,
                    env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
                    capture_output=True,
                    timeout=max(self._until - time.monotonic(), 0.01),
                    check=False,
                )
        except (OSError, subprocess.TimeoutExpired):
            self._faults = _FAULTS
            return None
        if done.returncode == 0:
            return None
        said = done.stderr[:2000].decode("utf-8", "replace").strip().splitlines()
        match = re.match(r".*?line (\d+): (.*)", said[0]) if said else None
        return (int(match[1]), clean_line(match[2])) if match else (1, "syntax error")

    def _report(self, block: Block, line: int, said: str) -> None:
        lines = block.script.text.split("\n")
        line = min(line, len(lines))
        start = sum(len(one) + 1 for one in lines[: line - 1])
        start += len(lines[line - 1]) - len(lines[line - 1].lstrip())
        message, mend = f"bash cannot read this: {said}", "Look at the quotes and brackets up to here."
        length = len(lines[line - 1].strip())
        self._whole.in_block(block, start, length, Severity.ERROR, "shell-syntax", message, mend)


def _file(script: bytes) -> IO[bytes]:
    """Return a file with a script, at its start. From a pipe bash would read it byte by byte."""
    if sys.platform == "linux":
        file: IO[bytes] = os.fdopen(os.memfd_create("script"), "w+b")
    else:
        import tempfile

        file = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    file.write(script)
    file.seek(0)
    return file


def _joined(blocks: Sequence[Block]) -> str:
    return "\n".join(f"(\n{block.filled or ':'}\n)" for block in blocks)
