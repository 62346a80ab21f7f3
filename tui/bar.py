"""What the gate bar is made of: lines, rows of keys, and what it must know to be drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .lines import Line, Span, width, wrap
from .pace import NOTHING, Usual
from .symbols import DONE, TODO

LABEL = 15
"""Cells of a choice's word in a menu."""
LAST = 2
"""Lines before the keys that are kept where others have no room."""
GAP = 2
"""Cells between two keys; none are needed after a row's last."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key to press, its word, and the action that a click on it runs."""

    key: str
    word: str
    action: str
    strong: bool = False
    effect: str = ""
    """What it does, where the key stands in a menu."""


@dataclass(frozen=True, slots=True)
class Banner:
    """Lines, then rows of keys; each key can be clicked."""

    lines: tuple[Line, ...]
    keys: tuple[tuple[Key, ...], ...]
    tone: str
    """`ask`, `bad`, `run`, `ok` or `dim`: what the bar's edge says."""


@dataclass(frozen=True, slots=True)
class Sight:
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


DETACH = Key("d", "detach", "app.detach")
NOTE = Key("o", "note", "screen.note")
HELP = Key("?", "help", "screen.help")
JUMP = Key("J", "jump", "screen.jump")
EDIT = Key("e", "edit", "screen.edit")
PAUSE = Key("p", "pause", "screen.pause")
FAILED = Key("]", "next failed", "screen.bad(1)")
TEST = Key("t", "test", "screen.test")
TESTS = Key("T", "results", "screen.rounds")
LEAVE = Key("q", "leave", "app.detach")


def key_spans(key: Key) -> Line:
    """Return a key as spans, the gap after it included."""
    if key.effect:
        style = "badge-ask" if key.strong else "key"
        return ((f" {key.key} ", style), (f" {key.word}".ljust(LABEL), "title"), (f"{key.effect} ", "dim"))
    if key.strong:
        return ((f" {key.key} ", "badge-ask"), (f" {key.word}" + " " * GAP, "title"))
    label = key.key if key.key == "]" else f"[{key.key}]"
    return ((label, "key"), (f" {key.word}" + " " * GAP, ""))


def rows(keys: Iterable[Key], cells: int) -> tuple[tuple[Key, ...], ...]:
    """Return keys in as many rows as they need."""
    found: list[list[Key]] = [[]]
    used = 0
    for key in keys:
        wide = width(key_spans(key))
        if found[-1] and used + wide - GAP > cells:
            found.append([])
            used = 0
        found[-1].append(key)
        used += wide
    return tuple(tuple(row) for row in found if row)


def relabel(banner: Banner, labels: Mapping[str, str]) -> Banner:
    """Return a banner with other labels on its keys, where the operator gave them others."""
    if not labels:
        return banner
    keys = tuple(tuple(replace(one, key=labels.get(one.key, one.key)) for one in row) for row in banner.keys)
    return replace(banner, keys=keys)


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
