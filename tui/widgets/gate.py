"""The gate bar: drawn from a `Banner`."""

from __future__ import annotations

from ..bar import Banner
from .keybar import KeyBar

TONES = ("ask", "bad", "run", "ok", "dim")


class GateBar(KeyBar):
    """Repaints only when the banner differs from the one on the screen."""

    def __init__(self) -> None:
        super().__init__(id="gate")
        self.shown: Banner | None = None

    @property
    def height(self) -> int:
        """Lines that it takes, its edge included."""
        return 1 + len(self.shown.lines) + len(self.shown.keys) if self.shown is not None else 0

    def update_banner(self, banner: Banner) -> None:
        """Show a banner."""
        if banner == self.shown:
            return
        self.shown = banner
        for tone in TONES:
            self.set_class(tone == banner.tone, f"-{tone}")
        # Said, not measured: a layout that comes between a resize and this would measure the old lines,
        # and keep that height. Set to what it is, it lays nothing out: that takes 20 ms.
        self.styles.height = self.height
        self.draw(banner.lines, banner.keys, layout=False)
