"""Titles as Markdown spells them: read without marks and escapes, and written so that they read back."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

_RAW = 500
"""Characters of a title's source that are looked at."""
_MARKS = 40
"""A title with more of them is taken as it stands: 500 take 15 ms."""
_SPECIAL = re.compile(r"[\\`*\[]|(?<!\w)_|_(?!\w)|<(?=[^<]*>)|&(?=#?\w+;)")
"""What may mean something: where there is none, the parser's 50 us are saved."""
_ESCAPED = tuple(re.compile(marks) for marks in (r"(?!)", r"[\\`*<]", r"[\\`*_\[\]<&]"))
"""What a backslash goes before, if the one before does not do."""
_TAG = re.compile(r"</?(?:a|b|br|code|em|i|kbd|span|strong)\b[^>]*>")
_BLANK = frozenset({"softbreak", "hardbreak"})


def plain(source: str, known: MutableMapping[str, Any]) -> str:
    """Return a title's text on one line; `known` holds the definitions of links that the parser found."""
    line = " ".join(source[:_RAW].split())
    if not 0 < len(_SPECIAL.findall(line)) <= _MARKS:
        return line
    return " ".join("".join(_texts(_parser().parseInline(line, known))).split())


def escaped(title: str) -> str:
    """Return a title's source, escaped where it would read otherwise."""
    for marks in _ESCAPED:
        # A comment would be taken out before the title is read.
        shown = marks.sub(r"\\\g<0>", title).replace("\\<!--", "<!--").replace("<!--", "&lt;!--")
        if plain(shown, {}) == title:
            break
    return shown


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark")


def _texts(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.children:
            yield from _texts(token.children)
        elif token.type in _BLANK:
            yield " "
        elif token.type != "html_inline" or not _TAG.fullmatch(token.content):
            yield token.content
