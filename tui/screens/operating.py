"""What the parts of the run screen share: the link, where the operator looks, how things are said."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any

from textual.screen import Screen

from gonogo.errors import GonogoError
from gonogo.run.state import At
from gonogo.text import clean, clean_line

from ..guard import Guard
from ..keys.run import labels
from ..link import RunLink
from ..outline import Outline
from ..settings import Settings
from ..themed import ThemedApp
from .ask import Ask, Question, Say


class Operating(Screen[None]):
    """A screen on a link."""

    def __init__(self, link: RunLink) -> None:
        super().__init__()
        self.link = link
        self.outline = Outline(link.state.plan)
        self.looking: int | None = None
        """The step that the operator looks at; None: where the run is."""
        self.guard = Guard(time.monotonic)
        self.picked: frozenset[str] = frozenset()
        """The hosts that the next answer is about; none: all that the question is about."""
        self.places: list[str] = []
        """The hosts in whose output a word was found, once for each place."""
        self.said = -1
        """The gate that was answered from here last: it is not answered twice."""
        self._dirty = True

    def touch(self) -> None:
        """Have the screen painted again at the next tick."""
        self._dirty = True

    @abstractmethod
    def repaint(self) -> None:
        """Bring every pane up to the run's state at once: a key was pressed."""

    @property
    def themed(self) -> ThemedApp:
        assert isinstance(self.app, ThemedApp)
        return self.app

    @property
    def settings(self) -> Settings:
        """What the operator has chosen."""
        return self.themed.settings

    @property
    def looked(self) -> int:
        """The turn on the screen."""
        state, current = self.link.state, self.outline.current(self.link.state)
        if self.looking is not None:
            return self.outline.turn_to_show(state, self.looking)
        if current is not None:
            return current
        begun = [index for index, turn in enumerate(state.turns) if turn.started is not None or turn.result]
        return begun[-1] if begun else 0

    @property
    def looked_step(self) -> int:
        """The step on the screen."""
        return self.link.state.plan.turns[self.looked].step

    @property
    def before_start(self) -> bool:
        """Whether nothing has run yet, and somebody is asked, or about to be, whether to begin."""
        state = self.link.state
        if state.gate is None:
            return state.plan.preflight and not (state.begun or state.verdict or state.result)
        return state.gate.at is At.START

    @property
    def reaching(self) -> bool:
        """Whether it is being found out who can be reached."""
        state = self.link.state
        return state.gate is None and state.reached is not None and state.reached.ended is None

    @property
    def elsewhere(self) -> bool:
        """Whether the operator looks at another step than the run is at."""
        if self.before_start:
            return self.looking is not None
        current = self.outline.current(self.link.state)
        return current is not None and self.looked != current

    @property
    def driver(self) -> str:
        """Who drives, for a sentence."""
        return clean_line(self.link.state.operator) or "somebody else"

    def may_drive(self) -> bool:
        """Return whether this end may do what moves the run; say so when not."""
        if self.link.state.result is not None or self.link.ended:
            return False
        if not self.link.driving:
            who = (
                f"{self.driver} drives this run" if self.link.state.driver != "" else "nobody drives this run"
            )
            self.tell(f"You are looking on; {who}.")
        return self.link.driving

    def label(self, name: str) -> str:
        """Return the key of a binding, as it is written."""
        return labels(name, self.settings.keys).split()[0]

    def tell(self, words: str, *, bad: bool = False) -> None:
        """Say something in passing."""
        self.notify(clean(words), severity="error" if bad else "information", timeout=6, markup=False)

    def ask(self, question: Question, say: Say, taken: Callable[[], object] | None = None) -> None:
        """Put a question to the operator; it stays until it is taken, and then `taken` is called."""

        async def said(text: str) -> None:
            await say(text)
            self.touch()

        def close(was_taken: bool | None) -> None:
            if was_taken and taken is not None:
                self.call_later(taken)

        self.app.push_screen(Ask(question, said), close)

    def do(self, saying: Coroutine[Any, Any, None]) -> None:
        """Say something to the run; show its refusal."""

        async def do() -> None:
            try:
                await saying
            except GonogoError as error:
                self.tell(str(error), bad=True)
            self.touch()

        self.run_worker(do(), exit_on_error=False)
