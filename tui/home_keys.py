"""Home's keys: bindings, and the words that help shows."""

from __future__ import annotations

from textual.binding import Binding

BINDINGS: list[Binding] = [
    Binding("up", "go(-1)", "up", id="home.up", show=False),
    Binding("down", "go(1)", "down", id="home.down", show=False),
    Binding("pageup", "go(-10)", "page up", id="home.page-up", show=False),
    Binding("pagedown", "go(10)", "page down", id="home.page-down", show=False),
    Binding("tab", "ways", "other ways", id="home.ways", priority=True),
    Binding("f1", "help", "help", id="home.help"),
    Binding("f2", "mistakes", "what check found", id="home.mistakes"),
    Binding("escape", "back", "clear, or leave", id="home.back"),
]
APP: list[Binding] = [Binding("ctrl+c,ctrl+q", "leave", "leave", id="home.leave", show=False, priority=True)]
HELP: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
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
