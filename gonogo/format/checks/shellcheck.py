"""What shellcheck says of the scripts, where it is installed: one process for all of them."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from typing import Any

from gonogo.text import clean_line

from ..model import Place, Problem, Runbook, Severity
from ..problems import Problems
from .whole import Block, Whole

SECONDS = 20
_DIALECTS = {"bash": "bash", "ksh": "ksh", "dash": "dash", "sh": "sh", "shell": "sh"}
_LEAVE_OUT = "SC1090,SC1091,SC1128,SC2034,SC2148,SC2154,SC2164"
"""Files read in, a shebang that is not first or not there, values set for another block, names that
nothing sets (told by our own check), cd without exit (a script stops there by itself)."""
_STYLE = 2000
"""Errors with a lower number are about syntax, which bash itself is asked about."""


def shellcheck(runbook: Runbook, program: str) -> tuple[Problem, ...]:
    """Return shellcheck's findings as warnings at their places. `program` is its path."""
    problems = Problems()
    whole = Whole(runbook, problems)
    blocks = [block for blocks in whole.every for block in blocks if _dialect(block)]
    if not blocks:
        return ()
    try:
        for found in _ask(program, blocks):
            _report(whole, blocks, found)
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError, IndexError) as error:
        late = isinstance(error, subprocess.TimeoutExpired)
        why = f"did not end within {SECONDS} s" if late else "said what cannot be read"
        message = f"shellcheck {why}; its findings are missing"
        problems.warn(Place(runbook.path), "shellcheck", message, f"Run {clean_line(program)} by itself.")
    return tuple(problems.found)


def _dialect(block: Block) -> str | None:
    """Return the language to judge by; None for what is no shell that shellcheck knows."""
    return None if block.shell is None or block.program == "zsh" else _DIALECTS.get(block.program, "sh")


def _ask(program: str, blocks: list[Block]) -> list[dict[str, Any]]:
    """Return the findings; a first line in each file says its dialect."""
    with tempfile.TemporaryDirectory(prefix="gonogo-") as folder:
        names = [f"{number}.sh" for number in range(len(blocks))]
        for name, block in zip(names, blocks, strict=True):
            with open(os.path.join(folder, name), "w", encoding="utf-8", errors="replace") as file:
                file.write(f"# shellcheck shell={_dialect(block)}\n{block.filled}\n")
        done = subprocess.run(
            [program, "--norc", "-f", "json1", "-S", "info", "-e", _LEAVE_OUT, *names],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    found: list[dict[str, Any]] = json.loads(done.stdout)["comments"]
    return [one for one in found if one["level"] != "error" or one["code"] >= _STYLE]


def _report(whole: Whole, blocks: list[Block], found: dict[str, Any]) -> None:
    block = blocks[int(found["file"].partition(".")[0])]
    lines = block.script.text.split("\n")
    line = min(max(found["line"] - 2, 0), len(lines) - 1)
    column = min(found["column"] - 1, len(lines[line]))
    same_line = found["endLine"] == found["line"]
    length = found["endColumn"] - found["column"] if same_line else len(lines[line]) - column
    start = sum(len(one) + 1 for one in lines[:line]) + column
    name = f"SC{int(found['code'])}"
    message = f"{name}: {clean_line(str(found['message']).rstrip('.'))}"
    mend = f"See https://www.shellcheck.net/wiki/{name}"
    whole.in_block(block, start, length, Severity.WARNING, "shellcheck", message, mend)
