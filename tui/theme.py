"""One dark theme with colour for meaning alone, and the styles that lines name."""

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

NIGHT = Theme(
    name="gonogo-night",
    primary="#7aa2c8",
    secondary="#8f9bb0",
    accent="#e5b567",
    success="#87b06c",
    warning="#d9a441",
    error="#e06c60",
    foreground="#d4d7dd",
    background="#14161b",
    surface="#191c22",
    panel="#262b35",
    dark=True,
    variables={"block-cursor-text-style": "none", "footer-key-foreground": "#e5b567"},
)

STYLES: dict[str, str] = {
    "": "",
    "dim": "$secondary",
    "title": "bold",
    "section": "bold $primary",
    "ok": "$success",
    "warn": "$warning",
    "bad": "bold $error",
    "run": "$primary",
    "hand": "$accent",
    "ask": "bold $accent",
    "key": "bold $accent",
    "code": "#b9cfe4",
    "comment": "italic $secondary",
    "bar": "$primary",
    "err": "$warning",
    "odd": "$accent",
    "picked": "bold underline $accent",
    "found": "bold $background on $accent",
    "badge-ask": "bold $background on $accent",
    "badge-run": "bold $background on $primary",
    "badge-ok": "bold $background on $success",
    "badge-bad": "bold $background on $error",
    "badge-dim": "bold $background on $secondary",
}


@lru_cache(maxsize=256)
def _parse(style: str, variables: tuple[tuple[str, str], ...]) -> RichStyle:
    return Style.parse(style, dict(variables)).rich_style


def rich_styles(app: App[str]) -> dict[str, RichStyle]:
    """Return every named style with the theme's colours put in."""
    wanted = ("primary", "secondary", "accent", "success", "warning", "error", "background")
    variables = tuple((name, app.theme_variables[name]) for name in wanted)
    return {name: _parse(style, variables) for name, style in STYLES.items()}


def content(line: Line) -> Content:
    """Return a line as a toolkit's text, cleaned once more and never parsed as markup."""
    return Content.assemble(*((span(text)[0], STYLES[style]) for text, style in line))
