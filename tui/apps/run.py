"""The full-screen terminal program around a run's link."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.screen import Screen

from gonogo.errors import GonogoError
from gonogo.text import clean, clean_line

from ..keys.app import APP
from ..settings import Settings
from ..themed import USUAL, ThemedApp

if TYPE_CHECKING:
    from ..link import RunLink
    from ..pace import Learn
    from ..preflight import Check
    from ..screens.ask import Question, Say

Connect = Callable[[], Awaitable["RunLink | None"]]
"""Comes to a run's link, in its own time; None when there is nothing to show."""


class RunApp(ThemedApp):
    """Shows one run. `run_async` returns `ended` or `detached`; the link stays open either way."""

    BINDINGS: ClassVar[list[BindingType]] = [*APP]

    def __init__(
        self,
        link: RunLink | None = None,
        *,
        title: str = "",
        settings: Settings = USUAL,
        learn: Learn | None = None,
        check: Check | None = None,
        connect: Connect | None = None,
    ) -> None:
        """`learn` looks up what earlier runs took, `check` what is wrong in the runbook.

        Without a link the screen's frame is painted at once, and the run in it once `connect` has come to it.
        """
        super().__init__(settings)
        self.link, self._learn, self._check, self._connect = link, learn, check, connect
        self._shown_title = clean_line(title)
        self.failure: GonogoError | None = None
        """Why there is no link, if `connect` failed."""

    def first(self) -> Screen[None]:
        if self.link is not None:
            return self._run_screen(self.link)
        # The run's own screen takes 0.1 s to load: it is not waited for here.
        from ..screens.opening import Opening

        return Opening(self._shown_title, self._open)

    def _run_screen(self, link: RunLink) -> Screen[None]:
        from ..screens.run import RunScreen

        return RunScreen(link, "" if self._connect else self._shown_title, self._learn, self._check)

    async def _open(self) -> None:
        """Come to the link, and show its run in the frame that is painted already."""
        assert self._connect is not None
        loading = asyncio.create_task(asyncio.to_thread(importlib.import_module, "gonogo.tui.screens.run"))
        try:
            self.link = await self._connect()
        except GonogoError as error:
            self.failure = error
        await loading
        if self.link is None:
            self.exit("nothing")
        else:
            await self.push_screen(self._run_screen(self.link))

    def tell(self, words: str) -> None:
        """Say in passing what should be known before anything runs."""
        self.notify(clean(words), severity="warning", timeout=12, markup=False)

    async def ask(self, question: Question, say: Say) -> bool:
        """Have something typed before there is a run; False: the operator backed out."""
        from ..screens.ask import Ask

        answered = asyncio.Event()
        said = [False]

        def hear(taken: bool | None) -> None:
            said[0] = bool(taken)
            answered.set()

        self.push_screen(Ask(question, say), hear)
        await answered.wait()
        return said[0]

    def way_back(self) -> str:
        if self.link is None:
            return "Nothing has run."
        return f"The run goes on to its next gate. Come back with: gonogo attach {self.link.directory.name}"

    def action_detach(self) -> None:
        """Leave the screen. What is out on hosts runs on to the step's end, then the run waits."""
        if self.link is None:
            self.exit("left")
            return
        if self.link.state.result is not None:
            self.exit("ended")
            return
        run = clean_line(self.link.directory.name)
        if self.link.ended:
            self.exit(
                "detached", message=Text(f"The run's process is gone. Go on with:\ngonogo resume {run}")
            )
        else:
            words = "Detached: the run goes on to its next gate and waits there."
            self.exit("detached", message=Text(f"{words} Come back with:\ngonogo attach {run}"))
