"""Lines typed and lines told on one terminal that has no cursor control: neither tears the other."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from typing import Self

import click
from msgspec import Struct

from gonogo.text import many

from .keyboard import Keyboard
from .wrap import Wrapped

LOOKS = 0.3
"""Seconds between two looks whether a line is still waited for, and whether keys come here."""
PATIENCE = 5.0
"""Seconds after the last key that what is told waits for the end of a line that was begun."""
SETTLE = 0.05
"""Seconds without a line told after which the prompt is written again."""
LONGEST = 10_000
"""Characters of a typed line."""
HELD = 10_000
"""Lines told that wait for the terminal, the latest ones."""
_AHEAD = 100
"""Lines that may be typed ahead."""
_ERASE, _KILL, _WORD, _END = "\x7f\b", "\x15", "\x17", "\x04"


class Typed(Struct, frozen=True):
    """A line that was typed."""

    text: str
    about: int | None
    """The question that was asked when its first character was typed; None: none was."""


class Lines:
    """Open as a context, in the event loop: from then on the keyboard is ours, and `say` tells lines.

    The terminal no longer puts lines together, for only so is it known that one was begun: what is told
    meanwhile waits for its end.
    """

    def __init__(self) -> None:
        self._fd = sys.stdin.fileno()
        self._keyboard = Keyboard(self._fd, self._again)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._prompt = ""
        self._asked: int | None = None
        self._typed = ""
        self._hidden = False
        """What is typed is not shown."""
        self._about: int | None = None
        self._escape = ""
        self._open = False
        """The cursor stands behind the prompt or what was typed."""
        self._shown = Wrapped(0)
        """The prompt and what was typed, as they stand on the terminal."""
        self._away = False
        self._behind = False
        """A shell has this process in the background: the keys are its own."""
        self._over = False
        self._lines: deque[Typed] = deque()
        self._held: deque[tuple[str, bool]] = deque(maxlen=HELD)
        self._dropped = 0
        self._stirred = asyncio.Event()
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def __enter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._keyboard.open()
        self._listen()
        self._look()
        return self

    def __exit__(self, *_: object) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._close()
        self._loop.remove_reader(self._fd)
        self._keyboard.close()
        self._tell_held()

    @property
    def over(self) -> bool:
        """Whether the keyboard's end was reached and every line was read."""
        return self._over and not self._lines

    @contextlib.contextmanager
    def released(self) -> Iterator[None]:
        """Leave the terminal to somebody else; what is told meanwhile waits."""
        self._close()
        self._loop.remove_reader(self._fd)
        self._keyboard.let_go()
        self._away = True
        try:
            yield
        finally:
            self._away, self._behind = False, True
            self._tell_held()
            self._look()

    def stir(self) -> None:
        """Have `ask` look at once whether its line is still waited for."""
        self._stirred.set()

    def say(self, line: str, *, err: bool = False) -> None:
        """Tell a line, at the latest `PATIENCE` after the last key of one that is being typed."""
        if self._away or self._typed:
            self._dropped += len(self._held) == HELD
            self._held.append((line, err))
            if "held" not in self._timers:
                self._later("held", PATIENCE, self._interrupt)
            return
        self._close()
        click.echo(line, err=err)
        self._later("show", SETTLE, self._show)

    async def ask(
        self,
        prompt: str = "",
        *,
        about: int | None = None,
        asked: Callable[[], bool] = lambda: True,
        hidden: bool = False,
    ) -> Typed | None:
        """Return the next line; None at the keyboard's end, or when it is no longer `asked`.

        A `hidden` one is not shown; what is typed before and behind it, as in a paste, is forgotten.
        """
        if hidden:
            self._lines.clear()
            self._erase(len(self._typed))
            self._close()
        self._prompt, self._asked, self._hidden = prompt, about, hidden
        self._show()
        try:
            while True:
                self._stirred.clear()
                if self._lines:
                    return self._lines.popleft()
                if self._over or not asked():
                    return None
                with contextlib.suppress(TimeoutError):
                    # `wait_for` loses an interrupt that comes together with the event.
                    async with asyncio.timeout(LOOKS):
                        await self._stirred.wait()
        finally:
            if hidden:
                self._typed, self._hidden = "", False
                self._lines.clear()
            self._prompt, self._asked = "", None
            if not self._typed:
                self._close()

    def _listen(self) -> None:
        if not self._over:
            self._loop.add_reader(self._fd, self._read)

    def _again(self) -> None:
        self._loop.call_soon_threadsafe(self._look)

    def _look(self) -> None:
        """Read keys in front alone, and write the line again there, below what a shell wrote meanwhile.

        No signal tells of the way from behind to the front: a look now and then has to.
        """
        self._later("look", LOOKS, self._look)
        if self._away:
            return
        was, self._behind = self._behind, not self._keyboard.in_front
        if self._behind:
            self._loop.remove_reader(self._fd)
        elif self._keyboard.take() or was:
            self._listen()
            self._open = False
            self._show()

    def _read(self) -> None:
        try:
            data = os.read(self._fd, 4096)
        except OSError:  # the terminal went away
            data = b""
        if not data:
            self._finish_input()
            return
        for char in self._decode(data):
            self._key(char)
        _flush()
        if self._held:
            self._later("held", PATIENCE, self._interrupt)

    def _finish_input(self) -> None:
        self._over = True
        self._loop.remove_reader(self._fd)
        self._stirred.set()

    def _key(self, char: str) -> None:
        """Take one key: an ordinary one, or one that ends, mends or is no part of a line."""
        if self._in_sequence(char):
            return
        if char in "\r\n":
            self._enter()
        elif char in _ERASE:
            self._erase(1)
        elif char == _KILL:
            self._erase(len(self._typed))
        elif char == _WORD:
            kept = self._typed.rstrip()
            self._erase(len(self._typed) - (kept.rfind(" ") + 1))
        elif char == _END and not self._typed:
            self._finish_input()
        elif (char == "\t" or char.isprintable()) and len(self._typed) < LONGEST:
            self._add(" " if char == "\t" and not self._hidden else char)

    def _in_sequence(self, char: str) -> bool:
        """Return whether a key is a part of an arrow's or another function key's sequence."""
        if char == "\x1b":
            self._escape = char
        elif self._escape == "\x1b" and char in "[O":
            self._escape += char
        elif len(self._escape) > 1:
            self._escape = "" if "@" <= char <= "~" else self._escape
        else:
            self._escape = ""
            return False
        return True

    def _add(self, char: str) -> None:
        if not self._typed:
            self._about = self._asked
        self._show()
        self._typed += char
        if self._open and not self._hidden:
            sys.stderr.write(self._shown.add(char))
        self._show()

    def _erase(self, count: int) -> None:
        """Take back characters; a line that was broken there is written again."""
        if not count or not self._typed:
            return
        self._show()
        self._typed = self._typed[:-count]
        blanks = "" if self._hidden else self._shown.take_back(count)
        if blanks is not None and self._shown.columns == self._columns():
            sys.stderr.write(blanks)
        else:
            self._close()
            self._show()
        if not self._typed:
            self._tell_held()

    def _enter(self) -> None:
        about = self._about if self._typed else self._asked
        self._show()
        sys.stderr.write("\n")
        if len(self._lines) < _AHEAD:
            self._lines.append(Typed(self._typed, about))
        # The prompt is answered, although who asked has not seen it yet.
        self._typed, self._prompt, self._open = "", "", False
        self._tell_held()
        self._stirred.set()

    def _show(self) -> None:
        """Write the prompt and what was typed where they do not stand."""
        if not (self._open or self._away or self._behind) and (self._prompt or self._typed):
            self._shown = Wrapped(self._columns())
            sys.stderr.write(self._shown.add(self._prompt + ("" if self._hidden else self._typed)))
            _flush()
            self._open = True

    def _columns(self) -> int:
        """Return the terminal's columns; 0: it does not tell."""
        try:
            return os.get_terminal_size(self._fd).columns
        except OSError:
            return 0

    def _close(self) -> None:
        """End the line that the cursor stands in."""
        if self._open:
            sys.stderr.write("" if self._shown.at_edge else "\n")
            _flush()
            self._open = False

    def _interrupt(self) -> None:
        """Tell what waited although a line is being typed, and write that one again behind it."""
        if not self._away:
            self._tell_held()
            self._show()

    def _tell_held(self) -> None:
        if not self._held:
            return
        self._close()
        if self._dropped:
            click.echo(f"... {many(self._dropped, 'line')} before these are left out", err=self._held[0][1])
        self._dropped = 0
        for line, err in self._held:
            click.echo(line, err=err)
        self._held.clear()
        self._later("show", SETTLE, self._show)

    def _later(self, name: str, seconds: float, do: Callable[[], None]) -> None:
        """Do something so much later, and not what was to be done under this name."""

        def due() -> None:
            self._timers.pop(name, None)
            do()

        if name in self._timers:
            self._timers[name].cancel()
        self._timers[name] = self._loop.call_later(seconds, due)


def _flush() -> None:
    with contextlib.suppress(OSError):
        sys.stderr.flush()
