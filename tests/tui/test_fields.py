"""Text fields on a slow line, which hands over many keys together."""

from __future__ import annotations

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Input, TextArea

from gonogo.tui.screens.ask import CleanInput
from gonogo.tui.screens.editor import CleanArea

KEYS = (("1", "1"), ("2", "2"), ("backspace", "\x7f"), ("3", "3"), ("home", None), ("4", "4"), ("end", None))


class One(App[None]):
    """Has one field, and hears what is submitted."""

    def __init__(self, field: CleanInput | CleanArea) -> None:
        super().__init__()
        self.field = field
        self.submitted = ""

    def compose(self) -> ComposeResult:
        yield self.field

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.submitted = event.value


@pytest.mark.parametrize("kind", [CleanInput, CleanArea])
async def test_keys_that_come_together_edit_in_their_order(kind: type[CleanInput | CleanArea]) -> None:
    """A letter typed after backspace is not what backspace takes away."""
    app = One(kind())
    async with app.run_test() as pilot:
        app.field.focus()
        await pilot.pause()
        for key, character in (*KEYS, ("5", "5")):
            app.post_message(events.Key(key, character))
        await pilot.pause()
        assert (app.field.text if isinstance(app.field, TextArea) else app.field.value) == "4135"


async def test_what_is_typed_behind_enter_is_not_submitted() -> None:
    """Only what stood there when enter was pressed."""
    app = One(CleanInput())
    async with app.run_test() as pilot:
        app.field.focus()
        await pilot.pause()
        for key, character in (*KEYS, ("enter", "\r"), ("g", "g")):
            app.post_message(events.Key(key, character))
        await pilot.pause()
        assert app.submitted == "413"
