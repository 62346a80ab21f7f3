"""Who drives the run that a person types at: here, elsewhere, or nobody."""

from __future__ import annotations

from gonogo.errors import RunError
from gonogo.run.client import LiveLink
from gonogo.text import clean_line


class Seat:
    """The driver's seat, as it was when it was last looked at."""

    def __init__(self, link: LiveLink) -> None:
        self._link = link
        self._before = self._now()

    def _now(self) -> tuple[str, bool]:
        """Return who drives, and whether that is here."""
        return clean_line(self._link.state.driver or ""), self._link.driving

    @property
    def changed(self) -> bool:
        """Whether somebody came or went since the last look."""
        return self._now() != self._before

    def look(self) -> str:
        """Return what is to be said of a change, after which nothing typed here is an answer; or nothing."""
        (before, drove), self._before = self._before, self._now()
        driver, drives = self._before
        attach = f"gonogo attach {self._link.directory.name}"
        if self._link.ended or self._link.state.result is not None:
            return ""
        if drove and not drives:
            return f"{driver} drives from another screen now; `{attach} --take` takes it back."
        return f"{before} has left: nobody drives now; `{attach}` does." if before and not driver else ""

    def onlooker(self) -> RunError:
        """Return why somebody who looks on is refused."""
        return RunError(f"you are looking on; {self._now()[0] or 'nobody'} drives this run")
