"""Where a runbook comes from, as git says it; asked with everything off that could run a program."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from gonogo.text import clean_line

_SAFE = (
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.untrackedCache=false"),
    *("-c", "diff.external="),
)


def provenance(path: Path) -> dict[str, str | bool]:
    """Return commit, branch and whether the runbook differs from it; empty outside git."""
    if shutil.which("git") is None:
        return {}
    commit = _git(path, "rev-parse", "HEAD")
    if not commit:
        return {}
    branch = _git(path, "rev-parse", "--abbrev-ref", "HEAD")
    blob = _git(path, "rev-parse", f"HEAD:./{path.name}")
    actual = _git(path, "hash-object", "--no-filters", "--", path.name)
    return {"commit": commit, "branch": branch, "dirty": blob != actual}


def _git(path: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(
            ["git", *_SAFE, *arguments],
            cwd=path.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return clean_line(done.stdout.decode("utf-8", "replace").strip()) if done.returncode == 0 else ""
