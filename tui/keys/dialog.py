"""The keys of what opens over a screen: questions, lists, pages, the editor. Those of a text field too."""

from __future__ import annotations

from collections.abc import Mapping

from textual.binding import Binding

from .names import key_of


def moves(room: str, up: str = "up", down: str = "down") -> list[Binding]:
    """Return the keys that go through a list under a text field, named after where it is."""
    return [
        Binding(up, "go(-1)", "up", id=f"{room}.up", show=False),
        Binding(down, "go(1)", "down", id=f"{room}.down", show=False),
        Binding("pageup", "go(-10)", "page up", id=f"{room}.page-up", show=False),
        Binding("pagedown", "go(10)", "page down", id=f"{room}.page-down", show=False),
    ]


FIELD: list[Binding] = [Binding("enter", "submit", "take what was typed", id="field.take", show=False)]
ASK: list[Binding] = [
    Binding("escape", "back", "back out", id="ask.back"),
    Binding("y", "yes", "yes", id="ask.yes", show=False),
    Binding("up", "choose(-1)", "choice before", id="ask.previous", show=False),
    Binding("down", "choose(1)", "next choice", id="ask.next", show=False),
]
CHOOSE: list[Binding] = [
    Binding("escape", "back", "back out", id="choose.back"),
    Binding("up", "move(-1)", "way before", id="choose.up", show=False),
    Binding("down", "move(1)", "next way", id="choose.down", show=False),
    Binding("enter", "take", "take this way", id="choose.take", show=False),
]
PICK: list[Binding] = [
    Binding("escape", "back", "back out", id="pick.back"),
    *moves("pick", "up,ctrl+p", "down,ctrl+n"),
]
PAGE: list[Binding] = [Binding("escape,q,enter", "close", "back", id="page.close")]
HELP: list[Binding] = [Binding("escape,q,question_mark,f1,enter", "close", "back", id="help.close")]
HOP: list[Binding] = [Binding("escape", "back", "back out", id="hop.back")]
EDIT: list[Binding] = [
    Binding("ctrl+s", "done", "see the difference, say why", id="edit.done", priority=True),
    Binding("ctrl+e", "outside", "your own editor", id="edit.outside", priority=True),
    Binding("escape", "back", "back out", id="edit.back", priority=True),
]
FIND: list[Binding] = [
    Binding("escape,q", "back", "back out", id="find.back"),
    Binding("enter", "choose", "go there", id="find.choose"),
]
ROUNDS: list[Binding] = [
    Binding("escape,q,T", "close", "back", id="rounds.close"),
    Binding("enter,space", "open", "what differs", id="rounds.open"),
    Binding("left,h", "turn(-1)", "round before", id="rounds.before"),
    Binding("right,l", "turn(1)", "next round", id="rounds.next"),
    Binding("t", "test", "run again", id="rounds.test"),
    Binding("b", "baseline", "baseline", id="rounds.baseline"),
    Binding("x", "cancel", "end the round", id="rounds.cancel"),
]
MONITORS: list[Binding] = [
    Binding("escape,q,enter,M", "close", "back", id="monitors.close"),
    Binding("w", "whole", "the whole run, or the latest", id="monitors.whole"),
]
WAYS: dict[str, dict[str, str]] = {
    "cancel": {"cancel.host": "h", "cancel.all": "a"},
    "jump": {"jump.forward": "f", "jump.again": "a", "jump.rollback": "b"},
    "copy": {
        "copy.group": "g",
        "copy.wall": "w",
        "copy.question": "m",
        "copy.failed": "f",
        "copy.odd": "o",
        "copy.all": "a",
    },
    "form": {"form.names": "n", "form.limit": "l", "form.each": "e"},
    "way": {f"way.{number}": str(number) for number in range(1, 10)},
}
"""Lists of a few ways on: the name and the usual key of each way. Home's are numbered."""
_ALL = (*FIELD, *ASK, *CHOOSE, *PICK, *PAGE, *HELP, *HOP, *EDIT, *FIND, *ROUNDS, *MONITORS)


def dialog_key(name: str, chosen: Mapping[str, str]) -> str:
    """Return the key of something here, as it is written on the screen."""
    return key_of(name, _ALL, chosen)


def way_keys(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the key of each way."""
    return {name: chosen.get(name, key) for ways in WAYS.values() for name, key in ways.items()}
