"""What `gonogo check` finds in a runbook, on a page of its own. No toolkit in here."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from gonogo.text import clean_line, many

from .lines import Line, span, wrap

SHOWN = 200
"""Mistakes that are told one by one."""


class Mistake(Struct, frozen=True):
    """One of them."""

    bad: bool
    """It keeps the runbook from running; else it is a warning."""
    place: str
    """`nova.md:12:3`."""
    what: str
    mend: str = ""


def counted(found: Sequence[Mistake]) -> str:
    """Return `2 mistakes, 1 warning`; empty for none."""
    bad = sum(one.bad for one in found)
    numbers = ((bad, "mistake"), (len(found) - bad, "warning"))
    return ", ".join(many(number, word) for number, word in numbers if number)


def page(found: Sequence[Mistake], cells: int) -> list[Line]:
    """Return all of them, each with its place and its mend."""
    lines: list[Line] = []
    for one in found[:SHOWN]:
        mark = ("✗ ", "bad") if one.bad else ("! ", "warn")
        lines += wrap([mark, span(one.what, "title"), ("  ", ""), span(one.place, "run")], cells, "  ")
        if one.mend:
            lines += wrap([("  ", ""), span(clean_line(one.mend), "dim")], cells, "  ")
        lines.append(())
    if len(found) > SHOWN:
        lines.append(((f"and {len(found) - SHOWN} more: `gonogo check` tells them", "dim"),))
    return lines or [(("gonogo check finds nothing wrong.", "ok"),)]
