"""A program as its user starts it, without a terminal."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path


def ran(
    *words: str | Path, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run it to its end, a minute at most; return what it said and its exit code."""
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
