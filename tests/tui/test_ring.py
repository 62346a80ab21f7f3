"""A step that waits for somebody calls: bell, notification, title; and says for how long."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.format.model import Kind
from gonogo.run.state import Answer
from gonogo.tui.settings import Settings
from gonogo.tui.themed import notification

from . import story
from .fake import SECOND, FakeLink, plan_of, planned
from .test_screen import Desk, desk


class Heard:
    """What goes to the terminal besides the screen."""

    def __init__(self, one: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        self.said: list[str] = []
        self.bells = 0
        monkeypatch.setattr(one.screen.themed, "_say", self.said.append)
        monkeypatch.setattr(one.screen.themed, "bell", self._bell)

    def _bell(self) -> None:
        self.bells += 1

    @property
    def titles(self) -> list[str]:
        """The titles that were set."""
        return [one[4:-1] for one in self.said if one.startswith("\x1b]2;")]


async def test_a_new_question_rings_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks at another step hears it too; the same question does not ring again."""
    link = story.go_gate(tmp_path)
    async with desk(link) as one:
        heard = Heard(one, monkeypatch)
        await one.paint()
        assert heard.bells == 0
        await one.press("k")
        link.say(Answer.GO)
        link.whole(2)
        link.ask()
        await one.paint()
        await one.paint()
        assert heard.bells == 1
        assert any(said.startswith("\x1b]9;gonogo: go? ") for said in heard.said)
        assert heard.titles[-1].startswith("go? ")


async def test_the_title_says_for_how_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In minutes; the bar at the top says it, too."""
    link = story.go_gate(tmp_path)
    async with desk(link) as one:
        heard = Heard(one, monkeypatch)
        link.at += 7 * 60 * SECOND
        await one.paint()
        assert heard.titles[-1].endswith(" · for 7 m")
        assert "asks since 7:0" in one.shown()
        assert heard.bells == 0


async def test_a_wait_does_not_ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on by itself."""
    wait = planned("Let it settle", kind=Kind.WAIT, command=None, wait=60.0)
    link = FakeLink(plan_of([wait]), tmp_path)
    link.ask()
    async with desk(link, settings=Settings(notify=False)) as one:
        heard = Heard(one, monkeypatch)
        one.screen._gate = -1
        await one.paint()
        assert (heard.bells, heard.said) == (0, [])


@pytest.mark.parametrize(
    ("environ", "begin"),
    [
        ({"TERM": "xterm-256color"}, "\x1b]9;gonogo: "),
        ({"TERM": "rxvt-unicode-256color"}, "\x1b]777;notify;gonogo;"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "\x1b]777;notify;gonogo;"),
    ],
)
def test_a_notification_goes_the_way_that_the_terminal_knows(environ: dict[str, str], begin: str) -> None:
    """Cleaned and cut, and never another order than a notification."""
    told = notification("4;1;50\x07\x1b]52;c;x\x07" + "long " * 100, environ)
    assert told.startswith(begin)
    assert told.endswith("…\x07")
    assert told.count("\x07") == told.count("\x1b") == 1
