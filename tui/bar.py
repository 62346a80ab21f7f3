"""What a bar is made of: lines, and rows of keys. Nothing slow is loaded: what opens first has one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from .lines import Line, width

LABEL = 15
"""Cells of a choice's word in a menu."""
GAP = 2
"""Cells between two keys; none are needed after a row's last."""


class Key(Struct, frozen=True):
    """A key to press, its word, and the action that a click on it runs."""

    key: str
    word: str
    action: str
    strong: bool = False
    effect: str = ""
    """What it does, where the key stands in a menu."""


Labels = Mapping[tuple[str, str], str]
"""Usual label and action of a key -> the label that it has now."""


class Banner(Struct, frozen=True):
    """Lines, then rows of keys; each key can be clicked."""

    lines: tuple[Line, ...]
    keys: tuple[tuple[Key, ...], ...]
    tone: str
    """`ask`, `bad`, `run`, `ok` or `dim`: what the bar's edge says."""


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
COMMANDS = Key(":", "commands", "screen.palette")
ALONE = Key("z", "all panes", "screen.zoom")


def boxed(label: str) -> str:
    """Return a key's label as it stands in a bar; a bracket between brackets could not be read."""
    return f"<{label}>" if label in ("[", "]") else f"[{label}]"


def key_spans(key: Key) -> Line:
    """Return a key as spans, the gap after it included."""
    if key.effect:
        style = "badge-ask" if key.strong else "key"
        return ((f" {key.key} ", style), (f" {key.word}".ljust(LABEL), "title"), (f"{key.effect} ", "dim"))
    if key.strong:
        return ((f" {key.key} ", "badge-ask"), (f" {key.word}" + " " * GAP, "title"))
    return ((boxed(key.key), "key"), (f" {key.word}" + " " * GAP, ""))


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


def labelled(one: Key, labels: Labels) -> Key:
    """Return a key with the label that the operator gave it."""
    return replace(one, key=labels.get((one.key, one.action.removeprefix("screen.")), one.key))


def relabel(banner: Banner, labels: Labels) -> Banner:
    """Return a banner with other labels on its keys, where the operator gave them others."""
    if not labels:
        return banner

    return replace(banner, keys=tuple(tuple(labelled(one, labels) for one in row) for row in banner.keys))
