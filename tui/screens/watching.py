"""What looks on while a run goes: its monitors and the rounds of its test plan, each with a page."""

from __future__ import annotations

from gonogo.run.monitors import RANK, Level
from gonogo.text import clean_line

from ..monitors import monitors_page, value_of
from ..symbols import LEVELS
from .operating import Operating


class Watching(Operating):
    """The keys that are about monitors and tests."""

    _stood: dict[str, Level] | None = None
    """Where each monitor stood when it was last looked at; None before the first look."""

    def see_monitors(self) -> None:
        """Ring for a monitor that stands worse than before, say so of one that is better."""
        state = self.link.state
        if not state.plan.monitors:
            return
        before, self._stood = self._stood, {name: one.level for name, one in state.monitors.items()}
        for one in state.plan.monitors if before is not None else ():
            series = state.monitors.get(one.name)
            was = (before or {}).get(one.name, Level.OK)
            if series is None or series.level is was:
                continue
            words = f"{clean_line(one.name)}: {value_of(one, series)[0]}, {LEVELS[series.level].word}"
            worse = RANK[series.level] > RANK[was]
            self.tell(words, bad=worse)
            if worse:
                self.themed.ring(words)

    def action_monitors(self) -> None:
        """Show a chart of each monitor."""
        if not self.link.state.plan.monitors:
            self.tell("This runbook has no monitors.")
            return
        # Neither page is needed for the first paint.
        from .monitors import Monitors

        def charts(cells: int, whole: bool) -> list[tuple[tuple[str, str], ...]]:
            return monitors_page(self.link.state, cells, self.link.now(), whole=whole)

        self.app.push_screen(Monitors(charts))

    def on_monitor_strip_opened(self) -> None:
        self.action_monitors()

    def action_test(self) -> None:
        """Run the test plan once, and show it as it goes."""
        if not self.link.state.plan.tests:
            self.tell("This runbook has no test plan.")
        elif self.may_drive():
            self.do(self.link.act("test"))
            self.action_rounds()

    def action_rounds(self) -> None:
        """Show the rounds of the test plan."""
        if not self.link.state.plan.tests:
            self.tell("This runbook has no test plan.")
            return
        from .rounds import Rounds

        self.app.push_screen(Rounds(lambda: self.link.state, self._about_tests, may_act=self.link.driving))

    def _about_tests(self, what: str, number: int) -> None:
        match what:
            case "baseline":
                self.do(self.link.act("baseline", number=number))
            case "cancel":
                self.do(self.link.cancel())
            case _:
                self.do(self.link.act("test"))
