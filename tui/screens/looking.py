"""What the operator does with output: search it, narrow it, wrap it, copy it, open it in a pager."""

from __future__ import annotations

import os
import shlex
import tempfile

from gonogo.text import clean_line, many

from ..widgets.output import Output
from ..widgets.wall import Wall
from .ask import Question
from .operating import Operating

COPIED = 100_000
"""Characters that are copied at most: terminals refuse more, or choke on it."""


class Looking(Operating):
    """The keys that are about output; none of them reaches the run."""

    @property
    def output(self) -> Output:
        """The pane of output."""
        return self.query_one(Output)

    def action_search(self) -> None:
        """Mark a word and go from place to place."""

        async def say(text: str) -> None:
            if self.output.seek(text):
                self.output.focus()
            else:
                self.tell("It stands nowhere in this output.")

        hint = "whatever the case · then n and N go on, esc ends it"
        self.ask(Question("Search the output", hint=hint, empty=True, value=self.output.sought), say)

    def action_narrow(self) -> None:
        """Show only lines that hold a word."""

        async def say(text: str) -> None:
            self.output.search(text)

        hint = "only lines that hold it are shown, whatever the case · empty shows all · esc backs out"
        question = Question("Narrow the output", hint=hint, empty=True, value=self.output.wanted)
        self.ask(question, say)

    def action_hosts(self) -> None:
        """Show only some hosts in the wall."""
        wall = self.query_one(Wall)
        if not wall.display:
            self.tell("This step has no wall of hosts.")
            return

        async def say(text: str) -> None:
            wall.narrow(text)
            self.touch()

        states = sorted({state.value for state in self.link.state.turns[self.looked].counts()})
        lines = ((("states: ", "dim"), (" · ".join(["bad", *states]), "title")),)
        hint = "a state, a part of a name, or a * pattern · empty shows all · esc backs out"
        choices = ("bad", *states)
        question = Question("Which hosts?", None, hint, lines, empty=True, value=wall.wanted, choices=choices)
        self.ask(question, say)

    def action_wrap(self) -> None:
        self.output.wraps = not self.output.wraps
        self.themed.choose(wrap=self.output.wraps)
        self.tell("Long lines are broken." if self.output.wraps else "Long lines are cut at the right.")

    def _shown_output(self) -> str:
        return "".join(f"{self.output.text(y).rstrip()}\n" for y in range(self.output.count))

    def action_copy(self) -> None:
        text = self._shown_output()
        if len(text) > COPIED:
            self.tell(f"It is too long to copy ({many(len(text), 'character')}): open it in your pager.")
            return
        self.app.copy_to_clipboard(text)
        self.tell(f"{many(self.output.count, 'line')} went to the clipboard, if the terminal lets them.")

    def action_pager(self) -> None:
        """Give the terminal to the operator's pager, and come back."""
        lend = self.link.lend
        words = shlex.split(os.environ.get("PAGER", "")) or ["less"]
        if lend is None:
            self.tell("There is no terminal to lend to a pager.")
            return
        with tempfile.NamedTemporaryFile("w", prefix="gonogo-", suffix=".txt", encoding="utf-8") as file:
            file.write(self._shown_output())
            file.flush()
            lend([*words, file.name], f"output in {clean_line(words[0])}")
        self.refresh(layout=True)
