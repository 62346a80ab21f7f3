"""Five themes with colour for meaning alone, and the styles that lines name."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.style import Style as RichStyle
from textual.content import Content
from textual.style import Style
from textual.theme import Theme

from .lines import Line, span

if TYPE_CHECKING:
    from textual.app import App

_COLOURED = {
    "block-cursor-text-style": "none",
    "badge-style": "bold",
    "err-style": "not underline",
    "odd-style": "not bold",
    "cursor-style": "none",
}
"""What says something without a colour where there is none, and nothing where there are colours."""
NIGHT = Theme(
    name="gonogo-night",
    primary="#7aa2c8",
    secondary="#929eb3",
    accent="#e5b567",
    success="#87b06c",
    warning="#d9a441",
    error="#e8796d",
    foreground="#d4d7dd",
    background="#14161b",
    surface="#191c22",
    panel="#262b35",
    dark=True,
    variables={**_COLOURED, "code": "#b9cfe4", "badge": "#14161b", "quiet": "#929eb3", "rule": "#3b4252"},
)
DAY = Theme(
    name="gonogo-day",
    primary="#2b5f8f",
    secondary="#555e6c",
    accent="#8a5000",
    success="#33691e",
    warning="#855600",
    error="#b3261e",
    foreground="#1f2328",
    background="#fbfbf9",
    surface="#f1f1ee",
    panel="#e1e4e8",
    dark=False,
    variables={**_COLOURED, "code": "#1d3f66", "badge": "#fbfbf9", "quiet": "#555e6c", "rule": "#c3c7cd"},
)
CONTRAST = Theme(
    name="gonogo-contrast",
    primary="#7cc0ff",
    secondary="#d0d0d0",
    accent="#ffd33d",
    success="#5cff5c",
    warning="#ffb733",
    error="#ff9a92",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#0b2a4a",
    dark=True,
    variables={**_COLOURED, "code": "#ffffff", "badge": "#000000", "quiet": "#d0d0d0", "rule": "#8a8a8a"},
)
_UNMIXED = {**_COLOURED, "cursor-style": "reverse", "badge-style": "not bold"}
"""The terminal's own colours have no shades: the cursor's line is turned over.

Many terminals show bold black as grey, which could not be read on a badge.
"""
ANSI = Theme(
    name="gonogo-ansi",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_default",
    accent="ansi_yellow",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_bright_black",
    boost="ansi_default",
    variables={
        **_UNMIXED,
        "code": "ansi_cyan",
        "badge": "ansi_black",
        "quiet": "ansi_white",
        "rule": "ansi_bright_black",
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "input-cursor-background": "ansi_white",
        "input-cursor-foreground": "ansi_black",
        "input-selection-background": "ansi_bright_blue",
        "input-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_bright_blue",
        "screen-selection-foreground": "ansi_black",
    },
)
_PLAIN = "ansi_default"
MONO = Theme(
    name="gonogo-mono",
    ansi=True,
    primary=_PLAIN,
    secondary=_PLAIN,
    accent=_PLAIN,
    success=_PLAIN,
    warning=_PLAIN,
    error=_PLAIN,
    foreground=_PLAIN,
    background=_PLAIN,
    surface=_PLAIN,
    panel=_PLAIN,
    boost=_PLAIN,
    variables={
        "block-cursor-text-style": "reverse",
        "badge-style": "bold reverse",
        "err-style": "underline",
        "odd-style": "bold",
        "cursor-style": "reverse",
        **dict.fromkeys(
            (
                "code",
                "badge",
                "quiet",
                "rule",
                "ansi-background",
                "ansi-foreground",
                "input-cursor-background",
                "input-cursor-foreground",
                "input-selection-background",
                "input-selection-foreground",
                "screen-selection-background",
                "screen-selection-foreground",
            ),
            _PLAIN,
        ),
    },
)
THEMES: dict[str, Theme] = {"night": NIGHT, "day": DAY, "contrast": CONTRAST, "ansi": ANSI, "mono": MONO}
"""By the names that settings have for them: `ansi` takes the terminal's own sixteen colours, `mono` none."""
OURS = ("code", "badge", "quiet", "rule", "badge-style", "err-style", "odd-style", "cursor-style")
"""Variables that the toolkit's themes have not."""

STYLES: dict[str, str] = {
    "": "",
    "dim": "$secondary",
    "title": "bold",
    "em": "italic",
    "section": "bold $primary",
    "ok": "$success",
    "warn": "$warning",
    "bad": "bold $error",
    "run": "$primary",
    "hand": "$accent",
    "ask": "bold $accent",
    "key": "bold $accent",
    "code": "$code",
    "comment": "italic $secondary",
    "bar": "$primary",
    "err": "$err-style $warning",
    "odd": "$odd-style $accent",
    "picked": "bold underline $accent",
    "found": "$badge-style $err-style $badge on $accent",
    "badge-ask": "$badge-style $badge on $accent",
    "badge-run": "$badge-style $badge on $primary",
    "badge-ok": "$badge-style $badge on $success",
    "badge-bad": "$badge-style $badge on $error",
    "badge-dim": "$badge-style $badge on $quiet",
}


@lru_cache(maxsize=256)
def _parse(style: str, variables: tuple[tuple[str, str], ...]) -> RichStyle:
    return Style.parse(style, dict(variables)).rich_style


def rich_styles(app: App[str]) -> dict[str, RichStyle]:
    """Return every named style with the theme's colours put in."""
    wanted = ("primary", "secondary", "accent", "success", "warning", "error", *OURS)
    variables = tuple((name, app.theme_variables[name]) for name in wanted)
    return {name: _parse(style, variables) for name, style in STYLES.items()}


def content(line: Line) -> Content:
    """Return a line as a toolkit's text, cleaned once more and never parsed as markup."""
    return Content.assemble(*((span(text)[0], STYLES[style]) for text, style in line))
