"""Blocks whose body is indented by four under a head: mkdocs' `!!! note`, `??? tip`, `=== "Tab"`."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

_HEAD = re.compile(
    r"(?:(?:!!!|\?\?\?\+?) ?(?P<kind>[A-Za-z][\w-]*)[^\"]*|===[+!]{0,2} *(?=\"))(?:\"(?P<title>.*)\")?\s*"
)
_BODY = 4


def plugin(parser: MarkdownIt) -> None:
    """Let a parser find what stands in such a body, as `admonition_open` … `admonition_close`.

    The opening token has the title as its `info`, or the kind as its `content` where there is none.
    """
    parser.block.ruler.before(
        "code", "admonition", _rule, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )


def _rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    begin = state.bMarks[start] + state.tShift[start]
    if state.src[begin : begin + 3] not in ("!!!", "???", "==="):
        return False
    match = _HEAD.fullmatch(state.src[begin : state.eMarks[start]])
    last = _last(state, start, end) if match else start
    if match is None or last == start:
        return False
    if not silent:
        _push(state, start, last + 1, match)
    return True


def _last(state: StateBlock, start: int, end: int) -> int:
    """Return the last line of the body, or the head's own when it has none."""
    last = start
    for line in range(start + 1, end):
        if state.isEmpty(line):
            continue
        if state.sCount[line] < state.blkIndent + _BODY:
            break
        last = line
    return last


def _push(state: StateBlock, start: int, end: int, head: re.Match[str]) -> None:
    token = state.push("admonition_open", "div", 1)
    token.map, token.info = [start, end], head["title"] or ""
    token.content = "" if token.info else head["kind"] or ""
    line_max, parent = state.lineMax, state.parentType
    state.lineMax, state.parentType = end, "admonition"
    state.blkIndent += _BODY
    state.md.block.tokenize(state, start + 1, end)
    state.blkIndent -= _BODY
    state.lineMax, state.parentType, state.line = line_max, parent, end
    state.push("admonition_close", "div", -1)
