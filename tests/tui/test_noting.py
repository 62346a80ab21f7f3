"""Notes with tags and links, and jump mode."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest

from gonogo.tui.screens.hop import Hop
from gonogo.tui.screens.page import Page
from gonogo.tui.screens.pick import Pick
from gonogo.tui.screens.run import RunScreen
from gonogo.tui.widgets.checklist import Checklist
from gonogo.tui.widgets.output import Output
from gonogo.tui.widgets.pane import Pane

from . import story
from .fake import FakeLink
from .test_screen import Desk, desk

LINK = "https://bugs.example.org/1942"


def noted(run: Path) -> FakeLink:
    """Two notes; one has a tag and a link."""
    link = story.go_gate(run)
    link.tell("note", text="The cache was cold\nit took longer", by="bob", step="stop-the-api")
    link.tell("note", text=f"Known [b]bug, see {LINK} #db", by="alice", tag="db", link=LINK)
    return link


async def choose(one: Desk, *keys: str) -> None:
    """Find a note by typing, and choose it."""
    await one.press("O")
    assert isinstance(one.pilot.app.screen, Pick)
    await one.pilot.press(*keys, "enter")
    await one.pilot.pause()


async def test_a_note_s_tag_and_link_are_kept(tmp_path: Path) -> None:
    """They are taken out of what was typed."""
    link = story.go_gate(tmp_path)
    async with desk(link) as one:
        await one.press("o", *"see http://x.org/1 #net", "enter")
        assert link.notes == [("see http://x.org/1 #net", "net", "http://x.org/1")]


async def test_notes_are_found_and_read(tmp_path: Path) -> None:
    """By their words; the whole of one, with who wrote it and where."""
    async with desk(noted(tmp_path)) as one:
        await choose(one, *"cold")
        assert isinstance(one.pilot.app.screen, Page)
        for words in ("bob", "stop-the-api", "The cache was cold", "it took longer"):
            assert words in one.shown()


@pytest.mark.parametrize("display", [True, False])
async def test_a_link_opens_only_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, display: bool
) -> None:
    """It is shown whole first; without a browser of its own it goes to the clipboard."""
    opened: list[str] = []

    def browse(link: str) -> bool:
        opened.append(link)
        return True

    monkeypatch.setattr(webbrowser, "open", browse)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":0") if display else monkeypatch.delenv("DISPLAY", raising=False)
    async with desk(noted(tmp_path)) as one:
        await choose(one, *"bug")
        assert "Known [b]bug" in one.shown()
        assert LINK in one.shown()
        assert not opened
        await one.press("y")
        assert opened == ([LINK] if display else [])
        assert one.pilot.app.clipboard == ("" if display else LINK)


async def test_only_web_links_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trail that came from elsewhere may hold anything."""
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(webbrowser, "open", pytest.fail)
    link = story.go_gate(tmp_path)
    link.tell("note", text="look", by="eve", link="file:///etc/passwd")
    async with desk(link) as one:
        await choose(one)
        await one.press("y")
        assert "Only http and https" in one.shown()


async def test_without_notes_the_key_says_so(tmp_path: Path) -> None:
    """No empty list."""
    async with desk(story.go_gate(tmp_path)) as one:
        await one.press("O")
        assert "No note was written yet" in one.shown()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_letters_lead_to_panes_and_steps(tmp_path: Path, size: tuple[int, int]) -> None:
    """A pane's has the focus then, a step's is looked at; any other key goes back."""
    async with desk(story.failure(tmp_path), size=size) as one:
        await one.press("'")
        hop = one.pilot.app.screen
        assert isinstance(hop, Hop)
        letters = {place.name: letter for letter, place in hop._places.items()}
        assert " a " in one.shown()
        await one.pilot.press(letters["output"])
        await one.paint()
        assert isinstance(one.screen.focused, Output)
        await one.press("'")
        line = next(name for name in letters if name.startswith("row "))
        await one.pilot.press(letters[line])
        await one.paint()
        assert one.screen.looking is not None
        await one.press("'")
        await one.pilot.press("%")
        await one.pilot.pause()
        assert isinstance(one.pilot.app.screen, RunScreen)
        await one.press("'")
        badge = next(one for one in one.pilot.app.screen.query(".hop") if one.name == "checklist")
        await one.pilot.click(badge)
        await one.paint()
        assert isinstance(one.screen.focused, Checklist)


async def test_letters_stay_at_their_places_when_the_terminal_changes_its_size(tmp_path: Path) -> None:
    """They stand where panes and steps are then."""
    async with desk(story.failure(tmp_path), size=(80, 24)) as one:
        await one.press("'")
        await one.pilot.resize_terminal(140, 40)
        await one.paint()
        hop = one.pilot.app.screen
        assert isinstance(hop, Hop)
        hop.look()
        await one.pilot.pause()
        letters = {badge.name: badge.region.offset for badge in hop.query(".hop")}
        for pane in one.screen.query(Pane):
            if pane.display and pane.region.area:
                assert letters[pane.id] == (pane.region.x + 1, pane.region.y)
