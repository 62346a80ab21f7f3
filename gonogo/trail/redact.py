"""Secrets that the run knows never reach the disk or the screen, in the forms they commonly take."""

from __future__ import annotations

import base64
import json
import re
import shlex
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote, quote_plus

SHORTEST = 6
"""Shorter secrets cannot be masked without masking everything."""
MASK = b"[secret]"
_LINE_LEAST = 8
_HELD_LIMIT = 64 << 10
"""Bytes that may wait for the rest of a secret, however many escape sequences stand between its letters."""
_CONTROL = re.compile(rb"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]")
_BEGUN = re.compile(rb"\x1b(?:\[[0-?]{0,64}[ -/]{0,8})?\Z")
_ESCAPED = re.compile("%[0-9A-F]{2}")
_HEAD = 4
"""Bytes by which the beginning of a form is looked for."""


def _variants(secret: str) -> set[bytes]:
    raw = secret.encode()
    found = {raw, *(line.encode() for line in secret.splitlines() if len(line) >= _LINE_LEAST)}
    found |= {raw.hex().encode(), raw.hex().upper().encode()}
    found |= {text.encode() for text in _escaped(secret)}
    found |= set(_base64(raw))
    # What is searched has no colours, so nothing that is sought may have any.
    found = {_CONTROL.sub(b"", variant) for variant in found}
    return {variant for variant in found if len(variant) >= SHORTEST}


def _escaped(secret: str) -> Iterator[str]:
    import html  # its table of entities takes half a megabyte

    yield shlex.quote(secret)
    yield html.escape(secret)
    for ascii_only in (True, False):
        text = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield from (text, text.replace("/", "\\/"))
    for text in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield from (text, _ESCAPED.sub(lambda code: code[0].lower(), text))


def _base64(raw: bytes) -> Iterator[bytes]:
    for lead in range(3):
        coded = base64.b64encode(b"\0" * lead + raw)
        # Only the characters that depend on the secret alone are the same in every context.
        start = (lead * 8 + 5) // 6
        core = coded[start : len(coded) - (4 if (lead + len(raw)) % 3 else 0)]
        yield from (core, core.replace(b"+", b"-").replace(b"/", b"_"))
        # `base64` and PEM break their lines here.
        for width in (76, 64):
            pieces = (coded[at : at + width] for at in range(0, len(coded) if lead == 0 else 0, width))
            yield from (piece for piece in pieces if len(piece) >= _LINE_LEAST)


class _Sought:
    """Every form of some secrets, ready to be searched for."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self.forms = sorted(set().union(*map(_variants, secrets)), key=len, reverse=True)
        self.pattern = re.compile(b"|".join(map(re.escape, self.forms)))
        self.longest = max(map(len, self.forms), default=1)

    def begun(self, text: bytes, at: int) -> int:
        """Return where the first form may have begun that `text` ends in the midst of; else its length."""
        first = max(at, len(text) - self.longest + 1)
        found = len(text)
        for form in self.forms:
            here = text.find(form[:_HEAD], first, found + _HEAD)
            while 0 <= here < found:
                if len(text) - here < len(form) and form.startswith(text[here:]):
                    found = here
                here = text.find(form[:_HEAD], here + 1, found + _HEAD)
            for here in range(max(first, len(text) - _HEAD + 1), found):
                if form.startswith(text[here:]):
                    found = here
                    break
        return found


@lru_cache(maxsize=8)
def _sought(secrets: tuple[str, ...]) -> _Sought | None:
    # A run has a redactor for each stream of each host, all with the same secrets.
    found = _Sought(secrets)
    return found if found.forms else None


class Redactor:
    """Masks secrets in a stream of bytes, wherever the pieces are cut. One a stream.

    A secret is found also where escape sequences stand in it, as `grep --color` puts them there. What cannot
    be the beginning of a secret is let go at once.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._sought = _sought(tuple(secrets))
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """Return what is safe to let go by now; the rest waits for the next piece or `finish`."""
        if self._sought is None:
            return data
        passed, self._held = _mask(self._sought, self._held + data, last=False)
        if len(self._held) > _HELD_LIMIT + self._sought.longest:
            passed += self.finish()
        return passed

    def finish(self) -> bytes:
        """Return what was held back."""
        held, self._held = self._held, b""
        return _mask(self._sought, held, last=True)[0] if self._sought else held

    def text(self, text: str) -> str:
        """Mask secrets in a whole text."""
        if self._sought is None:
            return text
        data, _ = _mask(self._sought, text.encode("utf-8", "surrogatepass"), last=True)
        return data.decode("utf-8", "surrogatepass")


def _mask(sought: _Sought, data: bytes, *, last: bool) -> tuple[bytes, bytes]:
    """Return what can be let go, masked, and what must wait for more."""
    open_end = None if last else _BEGUN.search(data)
    end = open_end.start() if open_end else len(data)
    # What follows an escape may be taken for its end, so the bytes are searched as they are, too.
    views = [_View(data), _View(data[:end], coloured=True)] if b"\x1b" in data else [_View(data)]
    out: list[bytes] = []
    done = 0
    while True:
        cut = end if last else min(end, *(view.begun(sought, done) for view in views))
        found = [one for view in views if (one := view.find(sought, done)) and one[0] < cut]
        if not found:
            return b"".join((*out, data[done:cut])), data[cut:]
        begin, behind = min(found, key=lambda span: (span[0], -span[1]))
        # Colours that begin or end inside go on to do so.
        out += [data[done:begin], MASK, *_CONTROL.findall(data, begin, behind)]
        done = behind
        end = max(end, done)


class _View:
    """Bytes to be searched, with or without their escape sequences, and where each of them stood."""

    def __init__(self, data: bytes, *, coloured: bool = False) -> None:
        self._size = len(data)
        # What was found last; it holds until `done` has passed it.
        self._begun = -1
        self._found: tuple[int, int] | None = (-1, -1)
        self._starts, self._places = [0], [0]
        self._text = data
        if not coloured:
            return
        pieces: list[bytes] = []
        length = begin = 0
        for found in _CONTROL.finditer(data):
            pieces.append(data[begin : found.start()])
            length, begin = length + found.start() - begin, found.end()
            self._starts.append(length)
            self._places.append(begin)
        self._text = b"".join((*pieces, data[begin:]))

    def find(self, sought: _Sought, done: int) -> tuple[int, int] | None:
        """Return where the next form stands behind `done`, and where it ends."""
        if self._found is not None and self._found[0] < done:
            match = sought.pattern.search(self._text, self._index(done))
            self._found = (self._place(match.start()), self._place(match.end() - 1) + 1) if match else None
        return self._found

    def begun(self, sought: _Sought, done: int) -> int:
        """Return where a form that is not whole yet may have begun behind `done`, else the view's end."""
        if self._begun < done:
            at = sought.begun(self._text, self._index(done))
            self._begun = self._place(at) if at < len(self._text) else max(self._size, done)
        return self._begun

    def _place(self, at: int) -> int:
        piece = bisect_right(self._starts, at) - 1
        return self._places[piece] + at - self._starts[piece]

    def _index(self, place: int) -> int:
        piece = bisect_right(self._places, place) - 1
        at = self._starts[piece] + place - self._places[piece]
        return min(at, self._starts[piece + 1] if piece + 1 < len(self._starts) else len(self._text))
