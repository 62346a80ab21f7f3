"""A run begun beside its screen, on a real terminal: who has the terminal when."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import sys
import time
from pathlib import Path

from .conftest import process_of

LIMIT = 60.0
BOOK = """---
gonogo: 1
title: Asks
inputs: [{name: who, prompt: Who is it}]
---
# Asks

```sh {read-only}
echo $who
```
"""


class Terminal:
    """The program on a terminal."""

    def __init__(self, environment: dict[str, str], folder: Path, *words: str) -> None:
        self.seen = b""
        self.pid, self._end = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            command = [sys.executable, "-P", "-m", "gonogo", *words]
            os.execve(command[0], command, environment | {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"})

    def until(self, words: str, *, pressing: str = "") -> None:
        """Read until words were painted, or the program has ended. `pressing`: again while nothing comes."""
        deadline = time.monotonic() + LIMIT
        while words.encode() not in self.seen and time.monotonic() < deadline:
            if select.select([self._end], [], [], 2.0 if pressing else LIMIT)[0]:
                try:
                    self.seen += os.read(self._end, 1 << 16)
                except OSError:
                    break
            else:
                self.press(pressing)
        assert words.encode() in self.seen, self.seen[-2000:]
        self.seen = self.seen.partition(words.encode())[2]

    def press(self, keys: str) -> None:
        """Type keys."""
        os.write(self._end, keys.encode())

    def ended(self) -> int:
        """Read to the end; return the exit code."""
        with contextlib.suppress(OSError):
            while piece := os.read(self._end, 1 << 16):
                self.seen += piece
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_a_question_has_the_terminal_and_gives_it_back(tmp_path: Path, environment: dict[str, str]) -> None:
    """The frame comes at once; a value is asked for on the bare terminal; then the run is in the frame."""
    (tmp_path / "asks.md").write_text(BOOK)
    one = Terminal(environment, tmp_path, "run", "asks.md")
    one.until("Before the first go")
    one.until("\x1b[?1049l")
    one.until("Who is it")
    one.press("bob\r")
    one.until("\x1b[?1049h")
    one.until("START?")
    one.press("q")
    one.until("Detached")
    assert one.ended() == 3
    run = next((tmp_path / "runs").iterdir())
    assert b'"who":"bob"' in (run / "audit.jsonl").read_bytes()
    os.kill(process_of(run), signal.SIGTERM)


def test_a_mistake_is_said_on_the_bare_terminal(tmp_path: Path, environment: dict[str, str]) -> None:
    """Nothing was begun: the screen leaves, the words stand, and the exit code is as without a screen."""
    one = Terminal(environment, tmp_path, "run", "nowhere.md")
    one.until("Before the first go")
    one.until("\x1b[?1049l")
    one.until("error: nowhere.md: No such file or directory")
    assert one.ended() == 2
    assert not list((tmp_path / "runs").glob("*"))


def test_the_interrupt_key_at_a_question_ends_it_all(tmp_path: Path, environment: dict[str, str]) -> None:
    """The screen does not come back over it."""
    (tmp_path / "asks.md").write_text(BOOK)
    one = Terminal(environment, tmp_path, "run", "asks.md")
    one.until("Who is it")
    one.press("\x03")
    # One that comes just before the question's read() is only noticed with the next key.
    one.until("interrupted", pressing="\x03")
    assert one.ended() == 130
