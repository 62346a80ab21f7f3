"""What is said in passing, and what rings: questions, who drives, an edited runbook, an unsealed trail."""

from __future__ import annotations

from gonogo.run.state import At, Gate
from gonogo.text import clean_line

from ..link import RunLink
from ..outline import Outline
from ..themed import too_small
from ..words import SECOND
from .answering import Answering
from .ask import Ask
from .watching import Watching


class Noticing(Answering, Watching):
    """Sees what changed since the last look; what was there before is old news."""

    def __init__(self, link: RunLink, heading: str = "") -> None:
        super().__init__(link)
        self.heading = heading
        """The run's title, where it is known before the run is."""
        self.was = ""
        """Who drove before, if the change was seen from here."""
        self._gate = -1
        self._unsealed = ""
        self._drove = link.driving
        self._operator = link.state.operator
        self._driver = link.state.driver

    def see_changes(self) -> None:
        """Say in passing what is not in sight all the time."""
        self._see_driver()
        self.see_monitors()
        unsealed = self.link.state.unsealed
        if unsealed != self._unsealed:
            self._unsealed = unsealed
            self.tell(f"Not sealed: {unsealed}" if unsealed else "The trail is sealed again.")

    def replan(self) -> None:
        """The runbook was edited while the run waited: show its new text."""
        self.outline = Outline(self.link.state.plan)
        self.looking = None
        self.tell("The runbook was edited: the checklist shows its new text.")

    def see_gate(self, gate: Gate | None) -> None:
        """Ring for a new gate; take back a question about one that is closed."""
        readable = gate is not None and not self.elsewhere and not too_small(*self.size)
        if self.guard.sees(gate.number if gate is not None and readable else None) and gate is not None:
            # What is asked about has to stand under the field.
            self.call_after_refresh(self.open_field, gate)
        number = gate.number if gate else -1
        if number != self._gate:
            self._gate, self.picked = number, frozenset()
            if gate is not None and gate.at is not At.WAIT:
                # Also for who looks at another step just now.
                self.themed.ring(f"go? {gate.question}")
        self.themed.entitle(self._entitled(gate))
        top = self.app.screen
        if isinstance(top, Ask) and not top.saying and top.question.gate not in (None, number):
            top.dismiss(None)
            self.tell("That question is closed: it was answered elsewhere, or its time ran out.")

    def _entitled(self, gate: Gate | None) -> str:
        """Return the terminal's title: the run, or the question and for how many minutes it waits."""
        if gate is None:
            return self.heading or self.link.state.plan.title
        minutes = (self.link.now() - gate.asked) // (60 * SECOND)
        words = f"wait: {gate.question}" if gate.at is At.WAIT else f"go? {gate.question}"
        return f"{words} · for {minutes} m" if minutes and gate.at is not At.WAIT else words

    def _see_driver(self) -> None:
        """Say with both names that somebody else drives now."""
        old, new, drove = self._operator, self.link.state.operator, self._drove
        self._operator, self._drove = new, self.link.driving
        before, self._driver = self._driver, self.link.state.driver
        if old and new != old:
            self.was = old
            told = "you look on now" if drove and not self.link.driving else "the run goes on"
            self.tell(f"{new} took over from {old}: {told}.")
        elif self.link.state.driver == "" and before and not self.link.ended:
            self.tell(f"{clean_line(before)} has left: nobody drives now.")
        elif drove and not self.link.driving and not self.link.ended and self.link.state.result is None:
            self.tell(f"{self.driver} drives from another screen now: you look on.")
