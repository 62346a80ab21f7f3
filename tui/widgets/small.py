"""What lies over everything while the terminal is too small to show what matters."""

from __future__ import annotations

from textual.widgets import Static

from ..theme import content
from ..themed import LEAST


class Small(Static):
    """Hides the screen below the least size, and nothing under it loses its place or the focus."""

    def __init__(self) -> None:
        super().__init__(
            content(((f"terminal too small: {LEAST[0]}x{LEAST[1]} needed", "title"),)), id="small"
        )
