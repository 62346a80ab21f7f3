"""Home's keys: bindings, and the words that help shows."""

from __future__ import annotations

from textual.binding import Binding

from .dialog import moves
from .names import Page

BINDINGS: list[Binding] = [
    *moves("home"),
    Binding("tab", "ways", "other ways", id="home.ways", priority=True),
    Binding("f1", "help", "help", id="home.help"),
    Binding("f2", "mistakes", "what check found", id="home.mistakes"),
    Binding("escape", "back", "clear, or leave", id="home.back"),
]
APP: list[Binding] = [Binding("ctrl+c,ctrl+q", "leave", "leave", id="home.leave", show=False, priority=True)]
HELP: Page = (
    (
        "Home",
        (
            ("=typing", "only lines that hold all the words"),
            ("home.up home.down", "the line before, the next one"),
            ("home.page-up home.page-down", "ten lines up, ten lines down"),
            ("field.take", "the next thing to do: attach, resume, run, replay"),
            ("home.ways", "every way on; so does a click on a line"),
            ("home.mistakes", "what check found in the runbook"),
            ("home.back", "clear what was typed, or leave"),
            ("home.leave", "leave"),
        ),
    ),
)
