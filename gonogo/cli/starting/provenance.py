"""Where a runbook comes from, as the record of a run's start holds it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gonogo.provenance import look


def provenance(
    path: Path, sources: Sequence[tuple[str, bytes]] = (), allowed_signers: str | None = None
) -> dict[str, Any]:
    """Return what `gonogo.provenance.lines` tells a person; `{"absent": why}` when nothing is known."""
    return look(path, sources, allowed_signers).as_dict()
