"""A one-line question at the bottom of the screen: a reason, a note, a number, or plain yes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from gonogo.text import clean_line

from ..lines import Line, span
from ..theme import content


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `gate` is the gate it belongs to; None when it belongs to none."""

    prompt: str
    gate: int | None = None
    hint: str = "enter says it · esc backs out"
    expect: str | None = None
    """The only text that is taken; None: any that is not empty."""
    yes: bool = False
    """Nothing is typed: `y` says it."""
    empty: bool = False
    """Nothing typed is an answer as well."""
    value: str = ""


class CleanInput(Input):
    """An input whose text is clean before it is drawn, also when it was pasted."""

    def validate_value(self, value: str) -> str:
        return clean_line(value)


class Ask(ModalScreen[str | None]):
    """Returns what was typed (nothing for a plain yes), or None when the operator backs out."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back out", id="ask.back"),
        Binding("y", "yes", "yes", id="ask.yes", show=False),
    ]

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question

    def compose(self) -> ComposeResult:
        with Vertical(id="ask"):
            yield Static(content((span(self.question.prompt, "title"),)), id="ask-prompt")
            if not self.question.yes:
                yield CleanInput(value=self.question.value, id="ask-input", max_length=500)
            yield Static(content(self._hint()), id="ask-hint")

    def _hint(self) -> Line:
        if self.question.yes:
            return (("[y]", "key"), (" yes   ", ""), ("[esc]", "key"), (" no, back", ""))
        return ((self.question.hint, "dim"),)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        if self.question.expect is not None and text != self.question.expect:
            self._refuse(f"That is not the number. {self.question.hint}")
        elif not text and not self.question.empty:
            self._refuse("It needs a few words. esc backs out")
        else:
            self.dismiss(text)

    def _refuse(self, words: str) -> None:
        self.query_one("#ask-hint", Static).update(content(((words, "warn"),)))

    def action_yes(self) -> None:
        if self.question.yes:
            self.dismiss("")

    def action_back(self) -> None:
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)
