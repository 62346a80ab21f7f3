"""The blocks of a Markdown document that the reader takes for what was meant: titles, prose, code, items."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from markdown_it import MarkdownIt

from gonogo.text import clean_line

from .builder import RUNNABLE
from .model import Script
from .outline import TITLE_LIMIT
from .prompts import commands, other_prompt
from .titles import escaped

Words = dict[str, str | None]
"""Attributes; None: a bare word."""
DEEPEST = 6
LIST = DEEPEST + 1
"""The level of a list item, as far as headings go."""
_LEAST_FENCE = 3
_TITLE = TITLE_LIMIT
_BARE = re.compile(r"""[^\s"'{}]+\Z""")
_HEREDOC = re.compile(r"<<-?\s*\\?['\"]?([A-Za-z_]\w*)")
_BUILDS = frozenset({"heading_open", "fence", "code_block"})
"""What prose may not hold: it would be a step or a section."""
_HEADING = ["heading_open", "inline", "heading_close"]
_BEGINS = r"\[[ xX]\](?:\s|$)|.*<!--\s*gonogo:"
_COMMENT_END = re.compile(r"(--!?)>")


def titled(title: str, level: int, words: Words) -> list[str]:
    """Return a title with its comment; values of several lines stand in a comment below it."""
    short = {key: value for key, value in words.items() if value is None or "\n" not in value}
    long = {key: value for key, value in words.items() if key not in short}
    title = f"{visible(title, level)} {_comment(short)}".strip()
    return [title, _comment(long)] if long else [title]


def _comment(words: Words) -> str:
    return f"<!-- gonogo: {spelled(words, in_comment=True)} -->" if words else ""


def visible(title: str, level: int) -> str:
    """Return a title for a heading or list item, where it must begin no other block and no comment."""
    text = " ".join(title.split())
    text = escaped(text if len(text) <= _TITLE else f"{text[:_TITLE]}…")
    if level < LIST:
        return re.sub(r"(?<!\S)(#+)\Z", r"\\\1", text)
    if re.match(r"[-+*_=~#>|<\[!?:]|```", text):
        return "\\" + text
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", text)


def prose_blocks(prose: str, *, fenced: bool = False) -> list[str]:
    """Return prose as it is, or in a block of its own when it holds what would be a heading or a step."""
    text = prose.strip("\n")
    if not text.strip():
        return []
    if not fenced and _is_prose(text):
        return [text]
    mark = _mark(text, "`")
    return [f"{mark}md {{prose}}\n{text}\n{mark}"]


def _is_prose(text: str) -> bool:
    """Tell whether text builds nothing, and leaves nothing open that would take in what follows it."""
    tokens = MarkdownIt("commonmark").parse(f"{text}\n\n# end")
    return [token.type for token in tokens[-3:]] == _HEADING and not any(
        token.type in _BUILDS
        or (token.type in ("inline", "html_block") and re.match(_BEGINS, token.content, re.DOTALL))
        for token in tokens[:-3]
    )


def fence(script: Script, words: Words) -> str:
    """Return a code block."""
    if script.language not in RUNNABLE and "check" not in words and "rollback" not in words:
        words = {"run": None, **words}
    attributes = spelled(words)
    info = f"{script.language} {{{attributes}}}" if attributes else script.language
    mark = _mark(script.text, "~" if "`" in info else "`")
    return f"{mark}{info}\n{_prompted(script)}\n{mark}"


def _prompted(script: Script) -> str:
    """Return the text from which the reader takes the script: with prompts where it would take some off."""
    lines = script.text.split("\n")
    doubled = [re.sub(r"^(\s*\$ )", r"\1$ ", line) for line in lines]
    session = [f"$ {line}" for line in lines]
    gone_on = [session[0], *(f"> {line}" for line in lines[1:])]
    outside = _outside(lines)
    for others in (lines, doubled, _mixed(lines, doubled, outside), session, _mixed(lines, session, outside)):
        text = "\n".join(others)
        if commands(text, script.language) == script.text and not other_prompt(text, script.language):
            return text
    return "\n".join(gone_on)


def _outside(lines: list[str]) -> list[bool]:
    """Tell of each line whether it is outside every here-document."""
    ends: list[str] = []
    found = []
    for line in lines:
        found.append(not ends)
        if ends and line.lstrip("\t") == ends[0]:
            ends.pop(0)
        elif not ends:
            ends = [match[1] for match in _HEREDOC.finditer(line)]
    return found


def _mixed(lines: list[str], others: list[str], outside: list[bool]) -> list[str]:
    return [other if out else line for line, other, out in zip(lines, others, outside, strict=True)]


def _mark(text: str, letter: str) -> str:
    longest = max((len(run) for run in re.findall(f"{letter}+", text)), default=0)
    return letter * max(_LEAST_FENCE, longest + 1)


def spelled(words: Words, *, in_comment: bool = False) -> str:
    """Return `key=value` words; in a code block the inside of JSON's braces if only that holds a value."""
    odd = any(value is not None and "\n" in value for value in words.values())
    if odd and not in_comment:
        shown = {key: "" if value is None else value for key, value in words.items()}
        return json.dumps(shown, ensure_ascii=False)[1:-1]
    return " ".join(key if value is None else f"{key}={_quoted(value)}" for key, value in words.items())


def _quoted(value: str) -> str:
    if _BARE.match(value) and not _COMMENT_END.search(value):
        return value
    if '"' in value and "'" not in value and not _COMMENT_END.search(value):
        return f"'{value}'"
    inside = value.replace("\\", "\\\\").replace('"', '\\"')
    inside = _COMMENT_END.sub(r"\1\\>", inside)
    return f'"{inside}"'


def uncommented(text: str) -> str:
    return clean_line(text).replace("--", "- -")


def item(mark: str, body: Sequence[str]) -> str:
    """Return a list item: its title behind the mark, the rest indented under it."""
    width = 2 if mark.startswith("-") else len(mark) + 1
    lines = "\n\n".join(body[1:]).split("\n")
    rest = "".join(f"\n{' ' * width}{line}" if line else "\n" for line in lines)
    return f"{mark} {body[0]}".rstrip() + (f"\n{rest}" if body[1:] else "")


def joined(blocks: list[str]) -> list[str]:
    """Return the blocks with checkboxes that follow each other made one list."""
    found: list[str] = []
    for block in blocks:
        if found and block.startswith("- [ ]") and found[-1].startswith("- [ ]"):
            found[-1] += f"\n{block}"
        else:
            found.append(block)
    return found
