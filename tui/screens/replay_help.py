"""Help of a replay: every key, and what every symbol on the time line means."""

from __future__ import annotations

from ..lines import Line
from ..replay_keys import HELP
from ..replay_line import LOOKS


def replay_help() -> list[Line]:
    """Return the page: keys by what they are for, then the symbols."""
    lines: list[Line] = []
    for title, keys in HELP:
        lines.append(((title, "section"),))
        lines += [((f"  {key:<14}", "key"), (words, "")) for key, words in keys]
        lines.append(())
    lines.append((("On the time line", "section"),))
    lines += [((f"  {look.symbol} ", look.style), (look.word, "")) for look in LOOKS.values()]
    return lines
