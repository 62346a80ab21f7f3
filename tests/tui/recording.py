"""Records the demo as somebody steps through it: `python -m tests.tui.recording FILE` writes an asciicast.

The program runs from a copy of the tree, in a repository of its own, so that the recording tells nothing of
whoever makes it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .glass import PATIENCE, Screen

SIZE = (100, 30)
HOME = "/home/operator"
"""Stands for the folder in which all happens. That one's path is as long, so that rows keep their width."""
ENVIRONMENT = {"USER": "operator", "LOGNAME": "operator", "LANG": "C.UTF-8", "TZ": "UTC"}
PARTS = ("gonogo", "executors", "tui", "runbooks")
LULL = 0.4
"""Seconds that nothing takes longer in the recording when nothing is painted."""
BURST = 0.02
"""Seconds after which what was painted counts as a frame."""
ORDER = re.compile(r"(\x1b\[[0-9;?<>=$]*[A-Za-z])")
ENTERS, LEAVES = b"\x1b[?1049h", b"\x1b[?1049l"
SWITCHES = (ENTERS.decode(), LEAVES.decode(), "\x1b[?25h", "\x1b[?25l")
"""Orders that a player needs: the full screen and the cursor, on and off."""
TYPED = 0.05
"""Seconds between two keys."""
SETTLED = 0.43
"""Seconds without paint after which a question takes an answer; a field's cursor blinks every 0.5."""
ENTER = "\r"

STORY: tuple[tuple[str, str, float], ...] = (
    ("START?", ENTER, 2.0),
    ("IS IT SO?   The change is announced", ENTER, 2.0),
    ("GO?   Fetch the package lists", "k", 2.0),
    ("Which version is installed  step 4", ">", 0.8),
    ("✓ Remember which services run", "k", 0.8),
    ("Remember which services run  step 3", "k", 0.8),
    ("2 hosts differ", "o", 2.0),
    ("A note for the trail", "cp17 and cp31 still run last month's kernel", 1.0),
    ("last month's kernel", ENTER, 1.0),
    ("another step; answers are off", ".", 1.0),
    ("GO?   Fetch the package lists", "g", 1.5),
    ("FAILED   Fetch the package lists: 3 failed", "]", 2.0),
    ("✗ cp05  exit 1", "m", 2.0),
    ("Which hosts is the answer about?", "cp05,cp12", 1.5),
    ("cp05,cp12", ENTER, 1.0),
    ("the answer is about cp[05,12] alone", "r", 2.0),
    ("FAILED   Fetch the package lists: 1 failed", "l", 2.0),
    ("Leave out 1 host", "its disk is changed tomorrow", 1.5),
    ("changed tomorrow", ENTER, 1.0),
    ("GO?   Stop the service on 1 host", "g", 2.0),
    ("GO?   Update the package on 1 host", "g", 2.0),
    ("GO?   Start it again on 1 host", "g", 1.5),
    ("GO ON?   Stop the service on 10 hosts", "g", 2.0),
    ("GO ON?   Stop the service on 26 hosts", "g", 2.0),
    ("GO?   Try the new tuning profile", "g", 2.0),
    ("FAILED   Try the new tuning profile", "b", 2.0),
    ("Run the rollback on 4 hosts", "y", 2.0),
    ("ROLLED BACK", "s", 2.0),
    ("Why?", "cp03 does not hold the profile", 1.5),
    ("hold the profile", ENTER, 1.0),
    ("IS IT SO?   A virtual machine on cp01", "g", 2.0),
    ("END?", "g", 2.0),
    ("End the run without 1 host?", "y", 2.0),
    ("The run went to its end", "q", 2.0),
)
"""What is waited for, the keys that are pressed then, and the seconds that a reader has before.

Two at most: players are told to wait no longer."""


class Recorded(Screen):
    """A program of which is kept when it changed what: as frames, each with the cells that are new alone."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str], home: Path) -> None:
        self.frames: list[tuple[float, str]] = []
        self._home, self._full = str(home), False
        self._time, self._heard = 0.0, time.monotonic()
        self._look, self._looks = "", [[""] * SIZE[0] for _ in range(SIZE[1])]
        self._kept = [[(" ", "")] * SIZE[0] for _ in range(SIZE[1])]
        super().__init__(command, folder, SIZE, environment)

    def read(self, seconds: float) -> None:
        """Give a reader so long to look at what stands there."""
        self._keep()
        self._time += seconds

    def ended(self) -> None:
        """Wait for the program's end. TimeoutError when it does not come."""
        end = time.monotonic() + PATIENCE
        while (left := end - time.monotonic()) > 0:
            if not select.select([self._terminal], [], [], left)[0]:
                break
            try:
                self._feed(os.read(self._terminal, 1 << 16))
            except OSError:  # how Linux says that nobody holds the terminal's other end
                return
        raise TimeoutError(self.shown())

    def _feed(self, data: bytes) -> None:
        gap, self._heard = time.monotonic() - self._heard, time.monotonic()
        enters, leaves = ENTERS in data, LEAVES in data
        if gap > BURST or leaves:
            self._keep()
        self._time += min(gap, LULL)
        if leaves or not self._full:
            self._plain(data.decode(errors="replace"))
        super()._feed(data)
        if enters:
            self._rows = [[" "] * SIZE[0] for _ in range(SIZE[1])]
        self._full = enters or (self._full and not leaves)

    def _plain(self, text: str) -> None:
        """Keep lines that stand before or after the full screen, and the change between the two."""
        pieces = (one for one in re.split(ORDER, text) if one[:1] != "\x1b" or one in SWITCHES)
        if text := "".join(pieces):
            self.frames.append((self._time, text.replace(self._home, HOME)))

    def _take(self, piece: str, numbers: str | None, order: str | None) -> None:
        x, y = self._at
        super()._take(piece, numbers, order)
        if order == "m":
            self._look = "" if numbers in ("", "0") else f"{self._look};{numbers}"
        elif piece >= " " and self._at[0] > x:
            self._looks[y][x : self._at[0]] = [self._look] * (min(self._at[0], SIZE[0]) - x)

    def _keep(self) -> None:
        """Keep what changed since the last frame."""
        new = "".join(self._changed(y) for y in range(SIZE[1])) if self._full else ""
        if new:
            self.frames.append((self._time, f"{new}\x1b[0m"))

    def _changed(self, y: int) -> str:
        # A cell that a wide letter covers is empty; as a letter of its own the row keeps its columns.
        row = "".join(one or "\0" for one in self._rows[y]).replace(self._home, HOME)
        now, parts, before = list(zip(row, self._looks[y], strict=True)), [], (-2, "")
        for x, (letter, look) in enumerate(now):
            if (letter, look) != self._kept[y][x]:
                parts.append(f"\x1b[{y + 1};{x + 1}H" if before[0] != x - 1 else "")
                parts.append(f"\x1b[0{look}m" if before != (x - 1, look) else "")
                parts.append(letter.strip("\0"))
                before = (x, look)
        self._kept[y] = now
        return "".join(parts)


@contextlib.contextmanager
def _home() -> Iterator[Path]:
    """Give a folder with the program in it, committed by nobody in particular."""
    with tempfile.TemporaryDirectory(prefix="g", dir="/tmp") as name:
        house = Path(name) / "gonogo"
        for part in PARTS:
            shutil.copytree(part, house / part, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        git = ["git", "-c", "user.name=operator", "-c", "user.email=operator@example.org"]
        for words in ("init -q -b main", "add .", "commit -q -m demo"):
            subprocess.run([*git, *words.split()], cwd=house, check=True, env=os.environ | {"TZ": "UTC"})
        yield Path(name)


def told(home: Path) -> list[tuple[float, str]]:
    """Step through the demo; return what was painted, and when."""
    house = home / "gonogo"
    environment = {"HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(house), **ENVIRONMENT}
    environment["PATH"] = os.environ["PATH"]
    demo = Recorded([sys.executable, "-m", "gonogo", "demo"], house, environment, home)
    try:
        for words, keys, seconds in STORY:
            demo.sees(words)
            demo.rest(SETTLED)
            demo.read(seconds)
            for key in keys:
                demo.read(TYPED)
                demo.press(key)
                demo.rest(BURST)
        demo.ended()
    finally:
        demo.close()
    return demo.frames


def main(file: str) -> None:
    """Write the recording, an asciicast of version 2."""
    header = {
        "version": 2,
        "width": SIZE[0],
        "height": SIZE[1],
        "idle_time_limit": 2.0,
        "title": "gonogo demo",
    }
    with _home() as home:
        lines = [header, [0.0, "o", "$ gonogo demo\r\n"]]
        for at, text in told(home):
            lines.append([round(at, 3), "o", text])
    Path(file).write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


if __name__ == "__main__":
    main(*sys.argv[1:])
