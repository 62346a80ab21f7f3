"""The terminal that plain lines are typed at: given back whatever happens, broken at its right edge."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.cli.plain.wrap import Wrapped

from .conftest import Gonogo

PATIENCE = 30.0
RUN = (sys.executable, "-m", "gonogo", "run", "long.md", "--plain")
IN_A_SHELL = """\
import fcntl, os, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(os.environ["SHELL"], [os.environ["SHELL"], *os.environ["WORDS"].split(" ", 1)])
"""


@dataclass(frozen=True, slots=True)
class Sat:
    """A program at a terminal of its own."""

    program: subprocess.Popen[bytes]
    keyboard: int
    end: int

    def read_until(self, word: bytes) -> bytes:
        """Return what came to the terminal, up to this word or to the end of our patience."""
        found = b""
        while word not in found and select.select([self.keyboard], [], [], PATIENCE)[0]:
            found += os.read(self.keyboard, 4096)
        assert word in found
        return found

    def walk(self, *steps: tuple[bytes, bytes]) -> None:
        """Type each text once what it answers is there."""
        for wanted, typed in steps:
            self.read_until(wanted)
            os.write(self.keyboard, typed)


Sit = Callable[..., AbstractContextManager[Sat]]


def _end_all(runs: str) -> None:
    """End what was started for these runs, also a run that has no trail yet."""
    for place in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if f"GONOGO_RUNS={runs}".encode() in place.read_bytes().split(b"\0"):
                os.kill(int(place.parent.name), signal.SIGTERM)


@pytest.fixture
def sit(tmp_path: Path, environment: dict[str, str], gonogo: Gonogo) -> Sit:
    """Start a program at a terminal; its settings are put back. Runs end with the test."""
    (tmp_path / "long.md").write_text("---\ngonogo: 1\n---\n\n## Wait\n\n```sh\necho begun; sleep 1\n```\n")

    @contextmanager
    def at(*words: str, columns: int = 0, **more: str) -> Iterator[Sat]:
        keyboard, end = pty.openpty()
        fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        before = termios.tcgetattr(end)
        program = subprocess.Popen(
            words,
            cwd=tmp_path,
            env=environment | more,
            stdin=end,
            stdout=end,
            stderr=end,
            start_new_session=True,
        )
        try:
            yield Sat(program, keyboard, end)
            program.wait(PATIENCE)
            assert termios.tcgetattr(end) == before
        finally:
            program.kill()
            program.wait()
            _end_all(environment["GONOGO_RUNS"])
            os.close(keyboard)
            os.close(end)

    return at


def test_the_interrupt_key_leaves_and_says_so(sit: Sit) -> None:
    """The run goes on; the terminal has its settings back."""
    with sit(*RUN) as sat:
        sat.walk((b"detach]: ", b"go\n"), (b"detach]: ", b"go\n"), (b"`cancel` ends it", b""))
        sat.program.send_signal(signal.SIGINT)
        told = sat.read_until(b"verify:")
        assert b"ctrl-c leaves, it stops nothing" in told
        assert b"comes back to it" in told
        assert b"still running: " in told
        assert sat.program.wait(PATIENCE) == 130


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_it_leaves_the_terminal_as_it_was(sit: Sit, number: signal.Signals) -> None:
    """It ends as any program does, with the echo on again."""
    with sit(*RUN) as sat:
        sat.read_until(b"detach]: ")
        assert not termios.tcgetattr(sat.end)[3] & termios.ECHO
        sat.program.send_signal(number)
        assert sat.program.wait(PATIENCE) == -number


@pytest.mark.parametrize("words", [("run", "long.md"), ()])
def test_a_signal_that_ends_a_screen_leaves_the_terminal_as_it_was(sit: Sit, words: tuple[str, ...]) -> None:
    """Without the mouse and the other screen; what it shows comes from before."""
    with sit(sys.executable, "-m", "gonogo", *words, columns=80, TERM="xterm") as sat:
        sat.read_until(b"long")
        assert not termios.tcgetattr(sat.end)[3] & termios.ECHO
        sat.program.send_signal(signal.SIGTERM)
        assert b"\x1b[?1000l" in sat.read_until(b"\x1b[?1049l")
        assert sat.program.wait(PATIENCE) == -signal.SIGTERM


def test_a_shell_has_the_terminal_while_it_is_stopped(sit: Sit) -> None:
    """Ctrl-z gives the settings back; in front again it takes keys, and writes the begun line once more."""
    script = f"{' '.join(RUN)}; stty -a; fg"
    with sit(sys.executable, "-c", IN_A_SHELL, SHELL="sh", WORDS=f"-mc {script}") as sat:
        sat.walk((b"detach]: ", b"det"), (b"det", b"\x1a"))
        told = sat.read_until(b"detach]: det")
        assert {b"echo", b"icanon"} <= set(told.split())
        os.write(sat.keyboard, b"ach\n")
        sat.read_until(b"comes back to it")


def test_keys_are_shown_once_behind_the_background(sit: Sit) -> None:
    """There the shell has them, and the program goes on; no signal tells it of its way back to the front."""
    shell = shutil.which("bash")
    assert shell is not None, "bash is missing: apt-get install bash"
    with sit(sys.executable, "-c", IN_A_SHELL, SHELL=shell, WORDS="--norc -i", PS1="ready$ ") as sat:
        sat.walk(
            (b"ready$ ", f"{' '.join(RUN)}\n".encode()),
            (b"detach]: ", b"\x1a"),
            (b"ready$ ", b"bg\n"),
            (b"ready$ ", b"echo mi''ne\n"),
            (b"mine\r\n", b"jobs\n"),
            (b"Running", b"fg\n"),
            (b"detach]: ", b"notes\n"),
        )
        told = sat.read_until(b"No note was written yet")
        assert told.count(b"notes") == 1
        os.write(sat.keyboard, b"detach\n")
        sat.walk((b"ready$ ", b"exit 0\n"))


def test_a_line_is_mended_over_the_terminal_s_edge(sit: Sit) -> None:
    """Behind the edge a character is blanked; before it the line is written again, without what was erased."""
    with sit(*RUN, columns=40) as sat:
        told = sat.read_until(b"detach]: ")
        prompt = told[told.rindex(b"   [") :]
        room = 40 - len(prompt.replace(b" \r", b"")) % 40
        os.write(sat.keyboard, b"n" * (room + 1))
        sat.read_until(b"n \rn")
        os.write(sat.keyboard, b"\x7f")
        sat.read_until(b"\b \b")
        os.write(sat.keyboard, b"\x7f")
        assert sat.read_until(b"n" * (room - 1)) == prompt + b"n" * (room - 1)
        os.write(sat.keyboard, b"\x15detach\n")
        sat.read_until(b"comes back to it")


def test_a_secret_is_asked_for_unseen(sit: Sit, tmp_path: Path) -> None:
    """Neither the terminal nor the run's directory has it, and the step does."""
    front = "gonogo: 1\ninputs:\n  - {name: token, secret: true, ask: reached}"
    check = 'printf %s "$token" | wc -c'
    (tmp_path / "long.md").write_text(f"---\n{front}\n---\n\n```sh {{read-only}}\n{check}\n```\n")
    with sit(*RUN) as sat:
        sat.walk((b"detach]: ", b"go\n"), (b"detach]: ", b"go\n"), (b"value: ", b"open sesame\n"))
        told = sat.read_until(b"verify:")
    assert b"GO after" in told
    assert b"sesame" not in told
    kept = [one.read_bytes() for one in (tmp_path / "runs").rglob("*") if one.is_file()]
    assert b"11\n" in b"".join(kept)
    assert b"sesame" not in b"".join(kept)


LONG = """---
gonogo: 1
inputs:
  - {name: version, default: "4.3"}
  - {name: token, secret: true, ask: reached}
---

## Update

Take *your* time.

```sh {id=update timeout=90m retries=2 retry-delay=1.5s outage-begin=api outage-end=api}
echo "$version"
printf %s "$token" >/dev/null
```

```sh {check every=10s timeout=5m}
true
```

```sh {rollback}
echo back
```
"""


def test_what_lies_ahead_is_told_before_the_first_go(sit: Sit, tmp_path: Path) -> None:
    """The preflight page in words; nothing has run yet; a step with its values, words, check and way back."""
    (tmp_path / "long.md").write_text(LONG)
    with sit(*RUN, columns=200) as sat:
        sat.walk((b"version [4.3]: ", b"\n"))
        told = sat.read_until(b"detach]: ")
        for words in (
            b"What check found",
            b"token    asked for at step 1, a secret",
            b"api is down from step 1",
        ):
            assert words in told
        assert told.count(b"origin: ") == 1
        assert b"1 step: 1 changes something" in told
        assert b"1 changes: Update" in told
        assert b"\r\n   no-go: end the run here (with a reason)\r\n" in told
        os.write(sat.keyboard, b"hosts\n")
        assert b"Nothing has run yet; it is to run on this machine" in sat.read_until(b"detach]: ")
        os.write(sat.keyboard, b"findings\n")
        assert b"gonogo check finds nothing wrong" in sat.read_until(b"detach]: ")
        os.write(sat.keyboard, b"step 1\n")
        told = sat.read_until(b"detach]: ")
        for line in (
            b"outage-begin: api",
            b"timeout:  90m",
            b"retry-delay: 1500ms",
            b"input:    version = 4.3",
            b"input:    token = a secret",
            b'runs:\r\n     | echo "$version"\r\n     | printf %s "$token" >/dev/null',
            b"check: every=10s timeout=5m\r\n     | true",
            b"rollback:\r\n     | echo back",
            b"document:\r\n     Take your time.",
        ):
            assert b"\r\n   " + line + b"\r\n" in told
        os.write(sat.keyboard, b"detach\n")
        sat.read_until(b"comes back to it")


def test_a_value_that_was_given_is_told_before_the_go(sit: Sit, tmp_path: Path) -> None:
    """A step that was told when its value was asked for is told in short: the value, no way back."""
    front = "gonogo: 1\ninputs:\n  - {name: name, ask: reached}"
    words = 'sh {no-rollback="gone is gone"}'
    (tmp_path / "long.md").write_text(f'---\n{front}\n---\n\n```{words}\necho "$name"\n```\n')
    with sit(*RUN, columns=120) as sat:
        sat.walk((b"detach]: ", b"go\n"))
        told = sat.read_until(b"detach]: ")
        assert b"   input:    name = asked for later\r\n   runs:\r\n     | echo " in told
        os.write(sat.keyboard, b"go web1\n")
        told = sat.read_until(b"detach]: ")
        assert (
            b"   input:    name = web1\r\n   rollback: no way back: gone is gone\r\n   `step` tells" in told
        )
        assert b"| echo" not in told
        os.write(sat.keyboard, b"detach\n")
        sat.read_until(b"comes back to it")


class Glass:
    """What stands on a terminal that breaks lines at its edge, as far as `Wrapped` writes to one."""

    def __init__(self, columns: int) -> None:
        self.columns, self.row, self.column, self.full = columns, 0, 0, False
        self.cells: dict[tuple[int, int], str] = {}

    def write(self, text: str) -> None:
        """Show text, with the cursor left in a full row until there is more."""
        for char in text:
            if char in "\b\r":
                self.column = 0 if char == "\r" else max(self.column - 1, 0)
                self.full = False
                continue
            if self.full:
                self.row, self.column, self.full = self.row + 1, 0, False
            self.cells[self.row, self.column] = char
            self.full = self.column == self.columns - 1
            self.column += not self.full

    def line(self) -> str:
        """Return all rows as one text."""
        return "".join(self.cells[place] for place in sorted(self.cells)).rstrip()


@given(
    st.integers(1, 9),
    st.lists(st.one_of(st.text("abc", min_size=1, max_size=12), st.integers(1, 5)), max_size=12),
)
def test_what_stands_on_a_terminal_is_what_is_meant(columns: int, keys: list[str | int]) -> None:
    """After any text and any erasing; a line that was broken is written again below."""
    glass, shown, meant = Glass(columns), Wrapped(columns), ""
    for key in keys:
        if isinstance(key, str):
            meant += key
            glass.write(shown.add(key))
        elif count := min(key, len(meant)):
            meant = meant[:-count]
            blanks = shown.take_back(count)
            if blanks is None:
                glass, shown = Glass(columns), Wrapped(columns)
            glass.write(shown.add(meant) if blanks is None else blanks)
        assert glass.line() == meant
        assert (glass.row, glass.column) == divmod(len(meant), columns)
