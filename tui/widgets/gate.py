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
        # Lines that were made for a wider terminal may have been broken since, and left it taller.
        tall = self.content_size.height != len(banner.lines) + len(banner.keys)
        self.shown = banner
        for tone in TONES:
            self.set_class(tone == banner.tone, f"-{tone}")
        # The whole screen is laid out again only for a bar of another height: that takes 20 ms.
        self.draw(banner.lines, banner.keys, layout=tall)
