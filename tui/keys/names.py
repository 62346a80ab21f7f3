"""How keys are written: in the settings, as the toolkit calls them, and on the screen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from textual.binding import Binding

SIGNS = {
    "exclamation_mark": "!", "quotation_mark": '"', "number_sign": "#", "dollar_sign": "$",
    "percent_sign": "%", "ampersand": "&", "apostrophe": "'", "left_parenthesis": "(",
    "right_parenthesis": ")", "asterisk": "*", "plus": "+", "minus": "-",
    "full_stop": ".", "slash": "/", "colon": ":", "semicolon": ";",
    "less_than_sign": "<", "equals_sign": "=", "greater_than_sign": ">", "question_mark": "?", "at": "@",
    "left_square_bracket": "[", "backslash": "\\", "right_square_bracket": "]", "circumflex_accent": "^",
    "underscore": "_", "grave_accent": "`", "left_curly_bracket": "{", "vertical_line": "|",
    "right_curly_bracket": "}", "tilde": "~",
}  # fmt: skip
"""The toolkit's names of what is no letter and no digit; a comma stands between two keys."""
_SHORT = {
    "escape": "esc", "up": "↑", "down": "↓", "left": "←", "right": "→", "pageup": "pgup", "pagedown": "pgdn",
}  # fmt: skip
_WRITTEN = {**SIGNS, **_SHORT}
_KEYS = {written: name for name, written in _WRITTEN.items()}
_NAMED = re.compile(
    r"(?:(?:ctrl|alt|shift)\+)*(?:[a-z0-9]|f[1-9]|f1\d|[a-z]+_[a-z_]+|enter|tab|space|escape|backspace|delete|"
    r"insert|home|end|pageup|pagedown|up|down|left|right)"
)
_CAPITAL = re.compile(r"shift\+([a-z])")
_ENDS = ("left", "right", "home", "end")
FIELD = frozenset(
    (
        *_ENDS, *(f"shift+{end}" for end in _ENDS), "ctrl+left", "ctrl+right",
        "ctrl+shift+left", "ctrl+shift+right",
        *(f"ctrl+{letter}" for letter in "acdekuvwx"), "ctrl+shift+a", "super+c", "enter", "delete",
        *("backspace", "ctrl+backspace", "alt+backspace", "super+backspace"),
    )
)  # fmt: skip
"""What a text field takes beside all that types something."""
Page = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""Titles, and under each the names of bindings (`=` and a key where it has none) with what they do."""


def canonical(key: str) -> str:
    """Return a key as the toolkit names it, for `]` as for `ctrl+g`; empty when it is none."""
    if key in _KEYS:
        return _KEYS[key]
    if capital := _CAPITAL.fullmatch(key):
        return capital[1].upper()
    if len(key) == 1 and key.isprintable() and not key.isspace() and key != ",":
        return key
    return key if _NAMED.fullmatch(key) else ""


def in_field(key: str) -> bool:
    """Tell whether a text field takes a key for itself, so that it can do nothing else there."""
    types = len(key) == 1 or key in SIGNS or key == "space" or ("_" in key and "+" not in key)
    return types or key in FIELD


def label(key: str) -> str:
    """Return a key as it is written on the screen."""
    return _WRITTEN.get(key, key)


def usual(bindings: Sequence[Binding]) -> dict[str, str]:
    """Return bindings by name, with their usual keys."""
    return {one.id: one.key for one in bindings if one.id is not None}


def key_of(name: str, bindings: Sequence[Binding], chosen: Mapping[str, str]) -> str:
    """Return the first key of a binding as it is written; `chosen` are those that are not the usual ones."""
    return label(chosen.get(name, usual(bindings)[name]).split(",")[0])
