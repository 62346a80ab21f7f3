"""Runs of the test's own."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.run.live import Live


@pytest.fixture
async def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Live]:
    """A run to begin, in folders of its own; whatever it comes to, its process is gone afterwards."""
    with tempfile.TemporaryDirectory() as sockets:
        monkeypatch.setenv("XDG_RUNTIME_DIR", sockets)
        monkeypatch.setenv("GONOGO_RUNS", str(tmp_path / "runs"))
        monkeypatch.chdir(tmp_path)
        found = Live(tmp_path)
        yield found
        await found.leave()
