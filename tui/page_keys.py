"""The keys of the tests' and of the monitors' page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.binding import Binding

from .keys import label

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


def key_of(name: str, bindings: Sequence[Binding], chosen: Mapping[str, str]) -> str:
    """Return the first key of a binding, as it is written on the screen."""
    usual = next(one.key for one in bindings if one.id == name)
    return label(chosen.get(name, usual).split(",")[0])
