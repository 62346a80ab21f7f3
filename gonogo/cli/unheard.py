"""What is written for a reader that went away, or was never there."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def silence(stream: TextIO) -> None:
    """Have all that is still written there go nowhere, also what is flushed when Python ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def open_missing() -> None:
    """Have the standard streams that we were started without (`>&-`) read and write nothing."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            os.set_inheritable(number, True)  # where dup2 had nothing to do
            setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115
