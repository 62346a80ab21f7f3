"""Hostile strings in every pane: nothing crashes, nothing is obeyed, nothing reaches the terminal raw."""

from __future__ import annotations

import base64
import fcntl
import os
import pty
import re
import struct
import sys
import termios
from pathlib import Path

import pytest

from gonogo.text import clean
from gonogo.tui.apps.run import RunApp
from gonogo.tui.screens.page import Page

from . import hostile
from .test_screen import Desk, Time, desk

RAW = re.compile("\x1b\\]52|\x1b\\]0;|\x1bc|[\x80-\x9f]|[\u202a-\u202e\u2066-\u2069\u200b]|owned\x07")
"""Nothing that the program itself has cause to send."""
COPIED = re.compile("\x1b\\]52;c;([A-Za-z0-9+/=]*)\x07")
"""What the operator copied, which goes to the terminal wrapped up."""


@pytest.mark.parametrize(
    ("scene", "size"), [*((scene, (80, 24)) for scene in hostile.SCENES), ("failing", (200, 60))]
)
async def test_no_string_breaks_the_screen(tmp_path: Path, scene: str, size: tuple[int, int]) -> None:
    """Every pane shows markup as text, and clicks on it do nothing."""
    async with desk(hostile.SCENES[scene](tmp_path), size) as one:
        await one.press(*hostile.KEYS)
        for y in (1, 2, 3, 5, 8, 11):
            await one.pilot.click(offset=(size[0] * 3 // 4, y))
        await one.paint()
        assert one.pilot.app.return_value is None
        shown = one.shown()
        assert not RAW.search(shown)
        assert "a[/]b" in shown


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (("e",), "Edit before it runs: a[/]b"),
        (("e", "[", "ctrl+s"), "+ ▎ [a[/]b"),
        (("k", "J"), " of 3: a[/]b"),
        (("u",), "left out: h0a[/]b"),
    ],
)
async def test_what_leaves_the_path_shows_markup_as_text(
    tmp_path: Path, keys: tuple[str, ...], told: str
) -> None:
    """The editor, the edit's difference, the ways of a jump, what is picked up."""
    async with desk(hostile.leaving(tmp_path)) as one:
        for key in keys:
            await one.press(key)
        assert told in one.shown()
        assert not RAW.search(one.shown())


async def test_what_check_found_shows_markup_as_text(tmp_path: Path) -> None:
    """Places, mistakes and mends, on a page of their own; clicks on them do nothing."""
    link = hostile.starting(tmp_path)
    app = RunApp(link, title=hostile.ALL, check=lambda _: hostile.FOUND)
    async with app.run_test(size=(120, 40)) as pilot:
        one = Desk(pilot, link, Time())
        for _ in range(100):
            await pilot.pause(0.01)
            await one.press("P")
            if isinstance(app.screen, Page):
                break
        assert "What check found: 1 mistake, 1 warning" in one.shown()
        assert one.shown().count("a[/]b") >= 2 * 3
        assert not RAW.search(one.shown())
        await pilot.click(offset=(40, 4))
        assert app.return_value is None


@pytest.mark.parametrize("scene", [*hostile.SCENES, "home", "compare", "replay", "opening"])
def test_nothing_raw_reaches_the_terminal(tmp_path: Path, root: Path, scene: str) -> None:
    """The bytes on a real terminal hold no clipboard, title, C1 or bidi control of a host's."""
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        os.chdir(root)
        environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        os.execve(
            sys.executable, [sys.executable, "-m", "tests.tui.hostile", scene, str(tmp_path)], environment
        )
    seen = bytearray()
    while True:
        try:
            piece = os.read(terminal, 1 << 16)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert status == 0, bytes(seen[-2000:])
    written = seen.decode("utf-8")
    for copied in COPIED.findall(written):
        text = base64.b64decode(copied).decode()
        assert clean(text) == text
        assert text != "HACK"
    written = COPIED.sub("", written)
    assert not RAW.search(written), RAW.search(written)
    assert "^[]52;c;" in written
    assert "a[/]b" in written
