"""Which tone a state or a result has. A tone is never alone: a word or a sign stands beside it."""

from __future__ import annotations

from gonogo.report.markup import Markup, tag

_TONES = {
    "ok": "ok",
    "go": "ok",
    "warn": "warn",
    "again": "warn",
    "unfinished": "warn",
    "failed": "bad",
    "lost": "bad",
    "unknown": "bad",
    "unreachable": "bad",
    "cancelled": "bad",
    "no-go": "bad",
    "abort": "bad",
    "aborted": "bad",
    "alarm": "bad",
    "still failing": "bad",
    "newly failing": "bad",
    "differs": "warn",
    "no number": "back",
    "same": "ok",
    "mended": "ok",
    "rolled-back": "back",
    "to-roll-back": "back",
    "rollback": "back",
    "by-hand": "hand",
    "running": "hand",
}
SIGNS = {"bad": "✕", "warn": "!", "back": "↺", "hand": "✎", "ok": "✓"}
"""A tone's sign."""


def tone(word: str) -> str:
    """Return `ok`, `warn`, `bad`, `back`, `hand` or `none`."""
    return _TONES.get(word, "none")


def badge(word: str) -> Markup:
    """Return a word in its tone, with its sign."""
    sign = SIGNS.get(tone(word), "")
    return tag("span", f"{sign} {word}" if sign else word, cls=f"badge t-{tone(word)}")
