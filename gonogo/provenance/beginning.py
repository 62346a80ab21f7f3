"""What to know before the first go: where the runbook comes from, and who else works on its hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gonogo.text import clean_line

from .lines import lines


def before_the_run(start: Mapping[str, Any]) -> list[str]:
    """Return it in lines, from `run.start`; nothing where the run has no document."""
    git, shared = start.get("git"), start.get("overlaps")
    found = lines(git) if isinstance(git, Mapping) and git else []
    others = shared if isinstance(shared, list) else []
    return [*found, *(f"WARNING: {clean_line(str(one))}" for one in others[:8])]
