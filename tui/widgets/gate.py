"""The gate bar: drawn from a `Banner`; its keys can be clicked."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.widgets import Static

from ..bar import Banner, Key, key_spans
from ..lines import Line, width
from ..theme import content

TONES = ("ask", "bad", "run", "ok", "dim")


class GateBar(Static):
    """Repaints only when the banner differs from the one on the screen."""

    def __init__(self) -> None:
        super().__init__(id="gate")
        self.shown: Banner | None = None

    def update_banner(self, banner: Banner) -> None:
        """Show a banner."""
        if banner == self.shown:
            return
        tall = self.shown is None or _height(banner) != _height(self.shown)
        self.shown = banner
        for tone in TONES:
            self.set_class(tone == banner.tone, f"-{tone}")
        rows = [*(content(line) for line in banner.lines), *(content(_row(keys)) for keys in banner.keys)]
        # The whole screen is laid out again only for a bar of another height: that takes 20 ms.
        self.update(Content("\n").join(rows), layout=tall)

    def on_click(self, event: events.Click) -> None:
        """Run what the clicked key runs; a click takes the same way as the key."""
        offset = event.get_content_offset(self)
        if offset is None or self.shown is None:
            return
        row = offset.y - len(self.shown.lines)
        if 0 <= row < len(self.shown.keys):
            at = 0
            for key in self.shown.keys[row]:
                cells = width(key_spans(key))
                if at <= offset.x < at + cells:
                    self.screen.run_worker(self.run_action(key.action), exit_on_error=False)
                    return
                at += cells


def _height(banner: Banner) -> tuple[int, int]:
    return len(banner.lines), len(banner.keys)


def _row(keys: tuple[Key, ...]) -> Line:
    return tuple(one for key in keys for one in key_spans(key))
