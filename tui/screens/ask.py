"""A one-line question at the bottom of the screen: a reason, a note, a value, or plain yes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from msgspec import Struct
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from gonogo.errors import GonogoError
from gonogo.text import clean_line

from ..bar import Key, rows
from ..keys.dialog import ASK, FIELD
from ..lines import Line, span, wrap
from ..theme import content
from ..themed import LEAST, too_small
from ..widgets.inorder import at_once
from ..widgets.keybar import KeyBar
from .dialog import Dialog

Say = Callable[[str], Awaitable[None]]
"""Says what was typed to the run; raises GonogoError when it is refused."""


class Question(Struct, frozen=True):
    """What is asked. `gate` is the gate it belongs to; None when it belongs to none."""

    prompt: str
    gate: int | None = None
    hint: str = ""
    """What may be typed."""
    enter: str = "says it"
    """What the key that takes it does."""
    lines: tuple[Line, ...] = ()
    """What else has to be known, under the prompt."""
    check: Callable[[str], str] | None = None
    """Returns why a text is not taken, or nothing."""
    yes: bool = False
    """Nothing is typed: `y` says it."""
    empty: bool = False
    """Nothing typed is an answer as well."""
    value: str = ""
    choices: tuple[str, ...] = ()
    """Texts that the arrows go through."""
    secret: bool = False
    """What is typed is not shown, and taken exactly as it is."""
    ready: Callable[[], bool] | None = None
    """Whether enter is meant for this field: it may have opened under the finger."""
    limit: int = 500
    """Most characters."""


def value_question(
    prompt: str, default: str | None, choices: tuple[str, ...], *, secret: bool, about: tuple[Line, ...] = ()
) -> Question:
    """Return the question for a value of the runbook; `about` is told under the prompt before all else."""
    lines = list(about)
    if secret:
        lines.append((("It is not shown, and never written down.", "dim"),))
    if choices:
        lines.append((("one of ", "dim"), span(" · ".join(choices), "title")))
    return Question(
        prompt,
        lines=tuple(lines),
        value="" if secret else default or "",
        choices=() if secret else choices,
        secret=secret,
        limit=10_000,
    )


_EDITING = [one for one in Binding.make_bindings(Input.BINDINGS) if one.action != "submit"]


class CleanInput(Input, inherit_bindings=False):
    """An input whose text is clean before it is drawn, also when it was pasted; a secret is never drawn."""

    BINDINGS: ClassVar[list[BindingType]] = [*_EDITING, *FIELD]

    def validate_value(self, value: str) -> str:
        return value if self.password else clean_line(value)

    async def on_key(self, event: events.Key) -> None:
        await at_once(self, event)


class Ask(Dialog[bool]):
    """Stays, with what was typed, until that was taken (True) or the operator backs out (False)."""

    BINDINGS: ClassVar[list[BindingType]] = [*ASK]

    def __init__(self, question: Question, say: Say) -> None:
        super().__init__()
        self.question = question
        self.takes_text = not question.yes
        self.saying = False
        """What was typed is on its way to the run."""
        self._say = say
        self._place = -1

    def compose(self) -> ComposeResult:
        one = self.question
        with Vertical(id="ask"):
            yield Static(content((span(one.prompt, "title"),)), id="ask-prompt")
            for line in one.lines:
                yield Static(content(line), classes="ask-line")
            if not one.yes:
                yield CleanInput(value=one.value, password=one.secret, id="ask-input", max_length=one.limit)
            yield KeyBar(id="ask-hint")

    def on_resize(self) -> None:
        self._tell(((self.question.hint, "dim"),) if self.question.hint else ())

    def _tell(self, line: Line) -> None:
        """Show a line above the keys."""
        one = self.question
        keys = [Key(self.label("ask.yes"), "yes", "screen.yes")] if one.yes else []
        if one.choices:
            keys.append(Key(self.label("ask.next"), "next choice", "screen.choose(1)"))
        if not one.yes:
            keys.append(Key(self.label("field.take"), one.enter, "screen.take"))
        keys.append(Key(self.label("ask.back"), "no, back" if one.yes else "back", "screen.back"))
        cells = max(self.size.width - 2, LEAST[0] - 2)
        self.query_one(KeyBar).draw(wrap(line, cells) if line else (), rows(keys, cells))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        one = self.question
        if one.ready is not None and not one.ready():
            return
        text = event.value if one.secret else event.value.strip()
        if not text and not one.empty:
            self._refuse("It needs a few words." if one.check is None else "It needs a value.")
        elif one.check is not None and (why := one.check(text)):
            self._refuse(why[:1].upper() + why[1:] + ".")
        else:
            self._take(text)

    def _take(self, text: str) -> None:
        """Say it; what is refused stays in the field, with the reason."""
        if self.saying or too_small(*self.size):
            return
        self.saying = True

        async def take() -> None:
            try:
                await self._say(text)
            except GonogoError as error:
                self._refuse(str(error))
            else:
                if self.is_current:
                    self.dismiss(True)
            finally:
                self.saying = False

        self.run_worker(take(), exit_on_error=False)

    def _refuse(self, words: str) -> None:
        if self.is_mounted:
            self._tell((span(words, "warn"),))

    async def action_take(self) -> None:
        await self.query_one(CleanInput).action_submit()

    def action_yes(self) -> None:
        if self.question.yes:
            self._take("")

    def action_choose(self, by: int) -> None:
        """Put the next of the choices into the field."""
        if choices := self.question.choices:
            field = self.query_one(CleanInput)
            if field.value in choices:
                self._place = choices.index(field.value)
            self._place = max(self._place + by, 0) % len(choices) if self._place >= 0 else 0
            field.value = choices[self._place]
            field.cursor_position = len(field.value)

    def action_back(self) -> None:
        self.leave()

    def leave(self) -> None:
        self.dismiss(False)
