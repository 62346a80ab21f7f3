"""The one door for bytes and strings from outside: what passes here is safe to show.

Hosts, file names, banners, git authors and runbook values can hold terminal escapes, bidirectional
overrides and invisible characters. Textual and rich write most of these to the terminal as they are.
Here they become visible text (`^[`, `<9b>`, `<202e>`) and are never dropped, so that evidence stays whole.
"""

from __future__ import annotations

import functools
import re

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
# SGR colours carry no meaning that a record needs; they alone are taken out, and only when whole.
_COLOUR = re.compile("\x1b\\[[0-9;:]*m")


def _visible(match: re.Match[str]) -> str:
    return _told(match.group())


# A megabyte of NULs would be a million strings, 50 MB; there are 2,800 signs to tell.
@functools.cache
def _told(sign: str) -> str:
    code = ord(sign)
    if code < 0x20:
        return "^" + chr(code + 0x40)
    return "^?" if code == 0x7F else f"<{code:02x}>"


def clean(text: str) -> str:
    """Return `text` with every unsafe character made visible; newlines and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    text = _COLOUR.sub("", text.replace("\r\n", "\n"))
    return _UNSAFE.sub(_visible, text)


def clean_bytes(data: bytes) -> str:
    r"""Decode and clean; bytes that are not UTF-8 show as `\xff`."""
    return clean(data.decode("utf-8", "backslashreplace"))


def clean_line(text: str) -> str:
    """Clean for one line: newlines and tabs are made visible or folded too."""
    return clean(text).replace("\n", "^J").replace("\t", " ")


def many(number: int, noun: str = "host") -> str:
    """Return `1 host`, `2,000 hosts`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
