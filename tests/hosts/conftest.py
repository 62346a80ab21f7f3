"""Inventories written into a test's own folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from gonogo.hosts import load_inventory
from gonogo.hosts.model import Inventory

Load = Callable[..., Inventory]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Write `text` and the files of `beside` (path -> text), and load the inventory."""

    def write(text: str, name: str = "hosts", beside: dict[str, str] | None = None) -> Inventory:
        for path, content in {name: text, **(beside or {})}.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(dedent(content))
        return load_inventory([tmp_path / name])

    return write
