"""How long a command takes to say its first and last word."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .measure import Row, Way, compared, interleave

GONOGO = str(Path(sys.executable).parent / "gonogo")
RUNBOOK = "---\ngonogo: 1\ntitle: Look\n---\n# Look\n\n```sh {read-only}\nuname -r\n```\n"


def timed(*command: str) -> Way:
    """Give a way that runs a program to its end; CalledProcessError when it fails."""

    def way() -> float:
        begun = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begun

    return way


def rows() -> list[Row]:
    """Compare `gonogo --version` and `gonogo check` with a Python that only imports click."""
    with tempfile.TemporaryDirectory() as folder:
        runbook = os.path.join(folder, "look.md")
        Path(runbook).write_text(RUNBOOK)
        version, check, click = interleave(
            [
                timed(GONOGO, "--version"),
                timed(GONOGO, "check", runbook),
                timed(sys.executable, "-c", "import click"),
            ],
            rounds=15,
        )
    return [
        compared("gonogo --version", version, "import click", click, 3),
        compared("gonogo check FILE", check, "import click", click, 3),
    ]
