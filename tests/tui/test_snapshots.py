"""What every screen looks like at three sizes in every theme, and what no look may ever lack.

`make snapshots` writes the files anew; look at the difference then.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

import pytest
from textual.widget import Widget

from gonogo.tui.theme import THEMES
from gonogo.tui.themed import ThemedApp

from .looks import Inks, Picture, drawn, inks_of, text_of
from .shots import NOW, RUN, SHOTS, press, settled

FOLDER = Path(__file__).parent / "snapshots"
SIZES = ((80, 24), (120, 40), (200, 60))
USUAL = "night"
"""The theme whose inks are written down; of the others only what differs."""


@pytest.fixture(autouse=True)
def standing_still(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Stop every clock, and have the run's folder be called the same each time."""
    told = time.strftime
    monkeypatch.setattr(time, "strftime", lambda form, *at: told(form, *(at or (NOW.utctimetuple(),))))
    monkeypatch.setattr("gonogo.tui.screens.home.today", lambda: NOW)
    monkeypatch.chdir(tmp_path)
    Path(RUN).mkdir()
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def repaint(app: ThemedApp) -> None:
    """Have everything drawn anew, dialogs and what lies under them."""
    for screen in app.screen_stack:
        for widget in screen.walk_children(Widget, with_self=True):
            widget.refresh()
            if widget.show_vertical_scrollbar:
                widget.vertical_scrollbar.refresh()


async def pictures(app: ThemedApp, keys: tuple[str, ...]) -> Iterator[tuple[str, str, Picture]]:
    """Return size, theme and picture: everything that a shot looks like."""
    found: list[tuple[str, str, Picture]] = []
    async with app.run_test(size=SIZES[0]) as pilot:
        await press(pilot, keys)
        for size in SIZES:
            await pilot.resize_terminal(*size)
            app.show_theme(USUAL)
            await settled(pilot)
            usual = drawn(app, Inks(app))
            with app.batch_update():  # nothing is painted but what is looked at
                for theme in THEMES:
                    app.show_theme(theme)
                    await pilot.pause(0)
                    repaint(app)
                    found.append((f"{size[0]}x{size[1]}", theme, drawn(app, Inks(app), usual)))
    return iter(found)


def told(found: Iterator[tuple[str, str, Picture]]) -> Iterator[str]:
    """Yield a shot's file, line by line."""
    usual: Picture = []
    for size, theme, picture in found:
        if theme == USUAL:
            usual = picture
            yield from (f"## {size}", *text_of(picture), f"## {size} inks")
            yield from (f"{y:>2}  {inks}" for y, inks in enumerate(inks_of(picture), 1) if inks)
            continue
        rows = zip(text_of(picture), inks_of(picture), text_of(usual), inks_of(usual), strict=True)
        differ = [(y, *new) for y, (*new, old, ink) in enumerate(rows, 1) if new != [old, ink]]
        yield from (f"## {size} {theme}",) if differ else ()
        yield from (f"{y:>2}  {inks}" for y, _, inks in differ)


@pytest.mark.parametrize("name", SHOTS)
async def test_a_screen_looks_as_it_did(name: str) -> None:
    """Nothing moves and no colour changes unseen."""
    shot = SHOTS[name]
    lines = list(told(await pictures(shot.make(Path(RUN)), shot.keys)))
    file = FOLDER / f"{name}.txt"
    if os.environ.get("GONOGO_SNAPSHOTS") == "write":
        FOLDER.mkdir(exist_ok=True)
        file.write_text("\n".join(lines) + "\n")
    before = file.read_text().splitlines()
    assert lines == before, "\n".join(unified_diff(before, lines, "before", "now", lineterm=""))
