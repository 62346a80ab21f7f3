"""Notes: written into the trail with a tag and a link, found by their words, links opened when asked."""

from __future__ import annotations

import os
import sys

from gonogo.run.state import Record
from gonogo.text import clean, clean_line

from ..deeds import note_parts
from ..lines import Line, span, wrap
from ..words import clock
from .ask import Question
from .operating import Operating

_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")


def _has_browser() -> bool:
    """Return whether a browser of its own can open: one that takes this terminal would end the screen."""
    return sys.platform == "darwin" or any(os.environ.get(name) for name in _DISPLAYS)


class Noting(Operating):
    """The keys that are about notes."""

    def action_note(self) -> None:
        async def say(text: str) -> None:
            tag, link = note_parts(text)
            await self.link.note(text, tag=tag, link=link)

        hint = "a #tag and a link in it can be found by"
        self.ask(Question("A note for the trail", hint=hint, enter="writes it", limit=5000), say)

    def action_notes(self) -> None:
        """List the notes; one is found by its words or its tag, and read whole."""
        notes = self.link.state.notes
        if not notes:
            self.tell("No note was written yet.")
            return
        # A list that few runs need.
        from .pick import Item, Pick

        items = [
            Item(str(number), f"{clock(note['m'])}  {clean_line(note['text'])}", self._right(note))
            for number, note in reversed(list(enumerate(notes)))
        ]

        def choose(number: str | None) -> None:
            if number is not None:
                self._read(notes[int(number)])

        self.app.push_screen(Pick("Notes", items), choose)

    def _right(self, note: Record) -> str:
        tag = f"#{note['tag']}" if note.get("tag") else ""
        return clean_line(f"{tag} {'→' if note.get('link') else ''}".strip())

    def _read(self, note: Record) -> None:
        """Show a note whole; its link can be opened from there."""
        if link := clean_line(str(note.get("link") or "")):
            self._ask_link(note, link)
            return
        from .page import Page

        self.app.push_screen(Page("A note", lambda cells: self._lines(note, cells)))

    def _lines(self, note: Record, cells: int) -> list[Line]:
        tag = (span(f"  #{note['tag']}", "hand"),) if note.get("tag") else ()
        step = f" · {clean_line(note['step'])}" if note.get("step") else ""
        head = [span(clean_line(note["by"]), "title"), span(f"  {clock(note['m'])}{step}", "dim"), *tag]
        told = [line for text in clean(note["text"]).split("\n") for line in wrap([span(text)], cells)]
        return [*wrap(head, cells, "  "), (), *told]

    def _ask_link(self, note: Record, link: str) -> None:
        cells = max(self.size.width - 6, 20)

        async def say(_: str) -> None:
            self._open(link)

        lines = (*self._lines(note, cells)[:8], *wrap([span(link, "run")], cells, "  "))
        self.ask(Question("Open its link?", lines=lines, yes=True), say)

    def _open(self, link: str) -> None:
        """Have a browser show a link, or give it to the clipboard where there is none."""
        # Loaded for the one who opens a link.
        import webbrowser

        if not link.startswith(("http://", "https://")):
            self.tell("Only http and https links are opened.")
        elif _has_browser() and webbrowser.open(link):
            self.tell("Your browser opens it.")
        else:
            self.app.copy_to_clipboard(link)
            self.tell("There is no browser here: the link went to the clipboard, if the terminal lets it.")
