"""Code blocks that a renderer does not show: in HTML, in comments, indented too far."""

from __future__ import annotations

import re
from collections.abc import Iterator

_OPENER = re.compile(r"[\s>]*(?:(?:[-*+]|\d{1,9}[.)])\s+)*(?P<mark>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)$")


def comments(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where each whole HTML comment begins and ends, and what is in it."""
    begin = text.find("<!--")
    while begin >= 0:
        end = text.find("-->", begin + 4)
        if end < 0:
            return
        yield begin, end + 3, text[begin + 4 : end]
        begin = text.find("<!--", end + 3)


def fences(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line (from 0) and info of each fence, whatever it is indented or quoted by."""
    mark = ""
    for number, line in enumerate(text.split("\n")):
        match = _OPENER.match(line)
        if mark:
            bare = line.strip(" \t>")
            if set(bare) == {mark[0]} and len(bare) >= len(mark):
                mark = ""
        elif match is not None:
            mark = match["mark"]
            yield number, match["info"].strip()


def in_html(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the line (from 0), info and reason of each fence in a block of HTML."""
    at = line = 0
    size, last = len(text), text.rfind("<!--")
    # A comment without an end goes to the end of its block.
    tail = last if last > text.rfind("-->") else size
    for begin, end, _ in [*comments(text), (tail, size, "")]:
        for part, reason in ((text[at:begin], "inside an HTML block"), (text[begin:end], _COMMENT)):
            yield from ((line + offset, info, reason) for offset, info in fences(part))
            line += part.count("\n")
        at = end


_COMMENT = "inside an HTML comment"
