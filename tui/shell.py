"""What stands out in a command: variables, quoted strings, comments; nothing of it is run."""

from __future__ import annotations

from itertools import accumulate, groupby, pairwise

from gonogo.format.shell.model import Mark
from gonogo.format.shell.scan import scan

from .lines import Line

_STYLES = ("code", "comment", "run", "hand")
_MARKS = {Mark.CODE: 0, Mark.STRING: 2, Mark.NAME: 3}


def marked(text: str) -> list[Line]:
    """Return clean text, line by line, with styles; each line's pieces join to that line."""
    shell = scan(text)
    found = [(start, -end, _MARKS[mark]) for start, end, mark in shell.marks]
    found += [(start, -end, 1) for start, end in shell.comments]
    painted = bytearray(len(text))
    # What stands inside begins later than what is around it, or ends sooner.
    for start, end, style in sorted(found):
        painted[start:-end] = bytes([style]) * (-end - start)
    lines = text.split("\n")
    starts = accumulate((len(line) + 1 for line in lines), initial=0)
    return [
        _line(line, painted[start : start + len(line)]) for line, start in zip(lines, starts, strict=False)
    ]


def _line(text: str, painted: bytearray) -> Line:
    ends = accumulate(len(list(same)) for _, same in groupby(painted))
    return tuple((text[a:b], _STYLES[painted[a]]) for a, b in pairwise([0, *ends]))
