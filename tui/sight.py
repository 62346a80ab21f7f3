"""What the gate bar must know to be drawn, and how it is laid out in the room that it has."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from .bar import Banner
from .lines import Line, Span, wrap
from .pace import NOTHING, Usual
from .symbols import DONE, TODO

LAST = 2
"""Lines before the keys that are kept where others have no room."""


class Sight(Struct, frozen=True):
    """What the banner must know beside the state."""

    cells: int
    lines: int
    """Lines that the bar may take."""
    short: bool
    """The terminal is low: menus take two columns."""
    driving: bool
    lost: str
    """Why the link is closed, or empty."""
    enter: bool
    """Enter answers (the eye and the focus are where the gate is)."""
    elsewhere: bool
    """The operator looks at another step than the gate's."""
    directory: str
    run: str
    picked: frozenset[str] = frozenset()
    """The hosts that the next answer is about; none: all that the question is about."""
    was: str = ""
    """Who drove before the one who drives now, if that was seen from here."""
    usual: Usual = NOTHING
    """What earlier runs took."""
    shell: str = ""
    """The other machine on which a shell can be opened now, or empty."""


def laid_out(banner: Banner, sight: Sight) -> Banner:
    """Return a banner that fits: its keys, the question, and as much as there is room for in between.

    Where the terminal is tall the keys stand a line off, so that the eye finds them.
    """
    lines = [part for line in banner.lines for part in (wrap(line, sight.cells, "  ") or [()])]
    banner = replace(banner, lines=tuple(lines))
    room = max(sight.lines - len(banner.keys), 3)
    if len(banner.lines) <= room:
        return banner if sight.short or not banner.lines[-1] else replace(banner, lines=(*banner.lines, ()))
    head, foot = banner.lines[: max(room - LAST - 1, 1)], banner.lines[-LAST:]
    more: Line = ((f"… {len(banner.lines) - len(head) - len(foot)} more lines", "dim"),)
    return replace(banner, lines=(*head, more, *foot)[:room])


def progress_bar(done: int, total: int, cells: int) -> list[Span]:
    """Return a bar that is full as far as `done` is of `total`."""
    full = max(0, min(cells, done * cells // max(total, 1)))
    return [(DONE * full, "run"), (TODO * (cells - full), "dim")]
