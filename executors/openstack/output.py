"""What a command says, line by line, and how it hears that it is to end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from gonogo.run.ports import Stream
from gonogo.text import clean_line

Say = Callable[[Stream, str], None]
Item = TypeVar("Item")


class Cancelled(Exception):
    """Raised inside a command that is to end."""


class Control:
    """Shared by the event loop and the threads of one script."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self.changing = False
        """A command is out that makes or changes something, and takes back what it made before it ends."""

    def cancel(self) -> None:
        """Have the script end as soon as it can."""
        self._cancelled.set()

    def look(self) -> None:
        """Raise Cancelled when the script is to end."""
        if self._cancelled.is_set():
            raise Cancelled

    def sleep(self, seconds: float) -> None:
        """Wait; raise Cancelled as soon as the script is to end."""
        if self._cancelled.wait(seconds):
            raise Cancelled

    def each(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield the items of a list that comes in pages; raise Cancelled between two of them."""
        for item in items:
            self.look()
            yield item

    def until(self, seconds: float, every: float, reached: Callable[[], bool]) -> bool:
        """Look every so often until it is reached; return False when the time is over."""
        deadline = time.monotonic() + seconds
        while not reached():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self.sleep(min(every, left))
        return True


class Out:
    """Where a command's lines go. What they hold is cleaned; secrets of the cloud are covered."""

    def __init__(
        self, say: Say, secrets: Iterable[str] = (), keep: Callable[[], None] = lambda: None
    ) -> None:
        self._say, self._secrets = say, tuple(secrets)
        self.keep = keep
        """Returns once all that was said is out of this process's hands; raises Cancelled if it cannot be."""

    def covering(self, secrets: Iterable[str]) -> Out:
        """Return one that says it in the same place, and covers these secrets."""
        return Out(self._say, secrets, self.keep)

    def again(self, said: Iterable[tuple[Stream, str]]) -> None:
        """Say what was said elsewhere, and cleaned and covered there."""
        for stream, text in said:
            self._say(stream, text)

    def line(self, text: str) -> None:
        """Say a line on stdout."""
        self._tell(Stream.OUT, text)

    def trouble(self, text: str) -> None:
        """Say a line on stderr."""
        self._tell(Stream.ERR, text)

    def row(self, cells: Mapping[str, object]) -> None:
        """Say a line of a table, `name=value name=value`."""
        self.line(row(cells))

    def _tell(self, stream: Stream, text: str) -> None:
        for secret in self._secrets:
            text = text.replace(secret, "********")
        self._say(stream, clean_line(text) + "\n")


def row(cells: Mapping[str, object]) -> str:
    """Return a line of a table. Each cell has its name, so that one line of a difference reads alone."""
    return " ".join(f"{name}={cell(value)}" for name, value in cells.items())


def cell(value: object) -> str:
    """Return a value as one word, in quotes where it is none; nothing is `-`."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple, set)):
        value = ",".join(sorted(map(str, value)))
    text = clean_line(str(value))
    if text and not any(letter.isspace() or letter == '"' for letter in text):
        return text or "-"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
