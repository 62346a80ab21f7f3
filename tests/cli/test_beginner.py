"""A run begun beside its screen, on a real terminal: who has the terminal when."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import process_of

LIMIT = 60.0
BOOK = """---
gonogo: 1
title: Asks
inputs: [{name: count, type: int, prompt: How many}, {name: word, secret: true, prompt: The word}]
---
# Asks

```sh {read-only}
echo $count
```
"""


class Terminal:
    """The program on a terminal."""

    def __init__(self, environment: dict[str, str], folder: Path, *words: str) -> None:
        self.seen = self.everything = b""
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
                    piece = os.read(self._end, 1 << 16)
                except OSError:
                    break
                self.seen += piece
                self.everything += piece
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


def test_values_are_asked_for_in_fields_on_the_screen(tmp_path: Path, environment: dict[str, str]) -> None:
    """The frame comes at once; what does not fit stays in its field with the reason; a secret is not shown."""
    (tmp_path / "asks.md").write_text(BOOK)
    one = Terminal(environment, tmp_path, "run", "asks.md")
    one.until("Before the first go")
    one.until("How many")
    one.press("many")
    one.until("many")
    one.press("\r")
    one.until("whole")
    one.press("\x15" + "7\r")
    one.until("The word")
    one.press("hush-hush")
    one.until("•••••••••")
    one.press("\r")
    one.until("START?")
    assert b"hush" not in one.everything
    one.press("q")
    one.until("Detached")
    assert one.ended() == 3
    run = next((tmp_path / "runs").iterdir())
    trail = (run / "audit.jsonl").read_bytes()
    assert b'"count":"7"' in trail
    assert b"hush" not in trail
    os.kill(process_of(run), signal.SIGTERM)


@pytest.mark.parametrize("key", ["\x1b", "\x03"])
def test_who_backs_out_of_a_value_begins_nothing(
    tmp_path: Path, environment: dict[str, str], key: str
) -> None:
    """The screen leaves, and nothing is left behind."""
    (tmp_path / "asks.md").write_text(BOOK)
    one = Terminal(environment, tmp_path, "run", "asks.md")
    one.until("How many")
    one.press(key)
    one.until("Nothing was begun.")
    assert one.ended() == 130
    assert not list((tmp_path / "runs").glob("*"))


def test_a_mistake_is_said_on_the_bare_terminal(tmp_path: Path, environment: dict[str, str]) -> None:
    """Nothing was begun: the screen leaves, the words stand, and the exit code is as without a screen."""
    one = Terminal(environment, tmp_path, "run", "nowhere.md")
    one.until("Before the first go")
    one.until("\x1b[?1049l")
    one.until("error: nowhere.md: No such file or directory")
    assert one.ended() == 2
    assert not list((tmp_path / "runs").glob("*"))


@pytest.fixture
def beside(tmp_path: Path, environment: dict[str, str]) -> Iterator[Terminal]:
    """A run on a host on which another one, that was left, is at work."""
    (tmp_path / "hosts.ini").write_text("one ansible_connection=local\n")
    (tmp_path / "beside.md").write_text("# Beside\n\n```sh {hosts=all read-only}\ntrue\n```\n")
    words = ("run", "beside.md", "-i", "hosts.ini")
    first = Terminal(environment, tmp_path, *words)
    first.until("START?")
    first.press("q")
    assert first.ended() == 3
    yield Terminal(environment, tmp_path, *words)
    for run in (tmp_path / "runs").iterdir():
        os.kill(process_of(run), signal.SIGTERM)


def test_a_question_has_the_terminal_and_gives_it_back(beside: Terminal) -> None:
    """Whether to start beside another run is asked on the bare terminal; then the run is in the frame."""
    beside.until("Before the first go")
    beside.until("\x1b[?1049l")
    beside.until("Start this run beside it?")
    beside.press("y\r")
    beside.until("\x1b[?1049h")
    beside.until("START?")
    beside.press("q")
    assert beside.ended() == 3


def test_the_interrupt_key_at_a_question_ends_it_all(beside: Terminal) -> None:
    """The screen does not come back over it."""
    beside.until("Start this run beside it?")
    beside.press("\x03")
    # One that comes just before the question's read() is only noticed with the next key.
    beside.until("interrupted", pressing="\x03")
    assert beside.ended() == 130
