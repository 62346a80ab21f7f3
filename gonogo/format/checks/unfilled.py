"""What somebody was to fill in: `<PLACEHOLDER>` and `{{ x }}`."""

from __future__ import annotations

import posixpath
import re
import sys
from bisect import bisect_right

from gonogo.text import clean_line

from ..model import Severity
from ..shell.model import Shell
from .whole import LOWER, PLACEHOLDER, Block, Whole

# A name with what a template engine does to it, not a Go template such as `{{.Names}}` or `{{json .}}`.
_TEMPLATE = r"\{\{-?\s*(?!end\b|else\b)[A-Za-z_][\w.\[\]'()]*\s*(?:\|[^{}\n]{0,100})?-?\}\}"
# What has a closing tag is markup.
_CLOSING = r"</([A-Z][A-Z0-9_-]{0,64})>"
_LOOKS_FOR = frozenset({"grep", "egrep", "fgrep", "zgrep", "rg", "sed", "awk", "gawk", "perl"})
_MEND = "Make it an input and write $name."


def check_unfilled(whole: Whole) -> None:
    """Report what is left to be filled in, except in comments."""
    for blocks in whole.every:
        for block in blocks:
            _look_at(whole, block)


def _look_at(whole: Whole, block: Block) -> None:
    text, shell = block.script.text, block.shell
    if "<" not in text and "{{" not in text:
        return
    comments = shell.comments if shell else []
    closed = set(re.findall(_CLOSING, text))
    found = [match for match in re.finditer(PLACEHOLDER, text) if match[0][1:-1] not in closed]
    if shell:
        lower = re.compile(LOWER)
        found += [match for at in shell.reads_from if (match := lower.match(text, at))]
    patterns = _patterns(shell) if found and shell else []
    for match in found:
        if not _inside(match.start(), comments):
            message = f"{clean_line(match[0])} is left in the command"
            length = match.end() - match.start()
            severity = Severity.WARNING if _inside(match.start(), patterns) else Severity.ERROR
            whole.in_block(block, match.start(), length, severity, "placeholder", message, _MEND)
    for match in re.finditer(_TEMPLATE, text):
        if not _inside(match.start(), comments):
            message = f"{clean_line(match[0])} is not filled in: there is no template language"
            length = match.end() - match.start()
            whole.in_block(block, match.start(), length, Severity.WARNING, "template", message, _MEND)


def _patterns(shell: Shell) -> list[tuple[int, int]]:
    """Return where programs that look for text are told what to look for: that may well be markup."""
    commands = (one for one in shell.commands if one.words)
    looking = (one for one in commands if posixpath.basename(one.words[0].text) in _LOOKS_FOR)
    return sorted((word.start, word.end) for one in looking for word in one.words[1:])


def _inside(at: int, spans: list[tuple[int, int]]) -> bool:
    """Tell whether an offset is in one of the spans, which stand in order and apart."""
    number = bisect_right(spans, (at, sys.maxsize))
    return number > 0 and at < spans[number - 1][1]
