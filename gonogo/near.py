"""The known word that somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like this one; None when none is."""
    # Loaded when something is wrong: every command's start-up would pay 2 ms for it.
    import difflib

    found = difflib.get_close_matches(word, list(known), n=1)
    return found[0] if found else None


def meant(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return the mend for a word that is not known: the one most like it, else what else can be done."""
    near = nearest(word, known)
    return f"Did you mean {near}?" if near else otherwise
