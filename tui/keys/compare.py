"""The keys of the compare screen, and the words that help shows."""

from __future__ import annotations

from textual.binding import Binding

from ..bar import HELP as HELP_KEY
from ..bar import Key
from .names import Page

BINDINGS: list[Binding] = [
    Binding("enter", "open", "all about this step", id="compare.open"),
    Binding("escape", "back", "back out of one thing", id="compare.back"),
    Binding("d", "differing", "only what differs, or every step", id="compare.differing"),
    Binding("n", "next(1)", "next step that differs", id="compare.next"),
    Binding("N", "next(-1)", "the one before that differs", id="compare.previous"),
    Binding("s", "order", "what took longer first, or in the document's order", id="compare.order"),
    Binding("slash", "find", "only steps that hold a word", id="compare.find"),
    Binding("z", "zoom", "this pane alone, and back", id="compare.zoom"),
    Binding("tab", "app.focus_next", "next pane", id="compare.pane", show=False),
    Binding("shift+tab", "app.focus_previous", "pane before", id="compare.pane-before", show=False),
    Binding("question_mark", "help", "help", id="compare.help"),
    Binding("colon,ctrl+p", "palette", "all commands", id="compare.palette"),
    Binding("q", "app.detach", "leave", id="compare.leave"),
]
BAR = (
    Key("enter", "this step", "screen.open", strong=True),
    Key("n", "next that differs", "screen.next(1)"),
    Key("d", "only what differs", "screen.differing"),
    Key("s", "longer first", "screen.order"),
    Key("/", "find", "screen.find"),
    HELP_KEY,
    Key("q", "leave", "app.detach"),
)
"""Those that stand in the bar."""
HELP: Page = (
    (
        "Steps",
        (
            ("=↑ =↓ =j =k", "another step; what differs in it stands below"),
            ("compare.next compare.previous", "next step that differs, the one before"),
            ("compare.open", "all about the step: batches, failures, commands, output"),
            ("compare.differing", "only what differs, or every step"),
            ("compare.order", "what took longer first, or in the document's order"),
            ("compare.find", "only steps that hold a word"),
            ("compare.back", "back out of a step, a word, a filter"),
        ),
    ),
    (
        "The screen",
        (
            ("compare.zoom", "this pane alone, and back"),
            ("=tab", "next pane"),
            ("compare.palette", "all commands, to be found by their words; themes"),
            ("compare.help", "this page"),
            ("compare.leave", "leave"),
        ),
    ),
)
