"""The gate bar: drawn from a `Banner`; its keys can be clicked."""

from __future__ import annotations

from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from ..banner import Banner, Key
from ..theme import STYLES, content

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
        self.shown = banner
        for tone in TONES:
            self.set_class(tone == banner.tone, f"-{tone}")
        rows = [*(content(line) for line in banner.lines), *(_row(keys) for keys in banner.keys)]
        self.update(Content("\n").join(rows))


def _row(keys: tuple[Key, ...]) -> Content:
    return Content("  " if not keys[0].effect else "").join(_key(key) for key in keys)


def _key(key: Key) -> Content:
    if key.effect:
        label = key.word.ljust(13)
        text = Content.assemble((f" {key.key} ", STYLES["key"]), (label, "bold"), (f"{key.effect} ", STYLES["dim"]))
    else:
        style = STYLES["badge-ask"] if key.strong else STYLES["key"]
        text = Content.assemble((f"[{key.key}]", style), (f" {key.word}", "bold" if key.strong else ""))
    return text.stylize(Style.from_meta({"@click": key.action}))
