"""Help of a replay: every key, and what every symbol on the time line means."""

from __future__ import annotations

from collections.abc import Mapping

from ..keys.app import APP
from ..keys.replay import BINDINGS, HELP
from ..lines import Line
from ..offers import page_lines
from ..replay.line import LOOKS


def replay_help(chosen: Mapping[str, str]) -> list[Line]:
    """Return the page: keys by what they are for, then the symbols; `chosen` keys are not the usual ones."""
    lines = page_lines(HELP, (*BINDINGS, *APP), chosen)
    lines.append((("On the time line", "section"),))
    lines += [((f"  {look.symbol} ", look.style), (look.word, "")) for look in LOOKS.values()]
    return lines
