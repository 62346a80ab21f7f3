"""A runbook as Markdown: headings for sections, code blocks with attributes, checkboxes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from markdown_it import MarkdownIt

from gonogo.text import clean_line

from .builder import RUNNABLE
from .model import Kind, Options, Runbook, Script, Section, Step
from .prompts import commands
from .spell import Explicit, Path, Spelling, changed, defaults, duration_text, inherited, spelling, value_text
from .spell_yaml import head
from .yamlwrite import write_yaml

Words = dict[str, str | None]
"""Attributes; None: a bare word."""
_DEEPEST = 6
_LIST = _DEEPEST + 1
"""The level of a list item, as far as headings go."""
_LEAST_FENCE = 3
_TITLE = 90
_BARE = re.compile(r"""[^\s"'{}]+\Z""")
_HEREDOC = re.compile(r"<<-?\s*\\?['\"]?([A-Za-z_]\w*)")
_BUILDS = frozenset({"heading_open", "fence", "code_block"})
"""What prose may not hold: it would be a step or a section."""
_HEADING = ["heading_open", "inline", "heading_close"]
_BEGINS = r"\[[ xX]\](?:\s|$)|.*<!--\s*gonogo:"
_COMMENT_END = re.compile(r"(--!?)>")


def to_markdown(runbook: Runbook) -> Spelling:
    """Return the runbook's Markdown spelling, read back to prove that it is the same."""
    return spelling(runbook, write, "spelling.md")


def write(runbook: Runbook, explicit: Explicit) -> str:
    """Return a runbook as a Markdown document, with `explicit` written out."""
    blocks = [f"---\n{write_yaml(head(runbook))}---", f"# {_visible(runbook.title, 1)}".rstrip()]
    blocks += _Writer(explicit).children(runbook.children, 2, Options(), runbook.path)
    return "\n\n".join(blocks) + "\n"


class _Writer:
    def __init__(self, explicit: Explicit) -> None:
        self._explicit = explicit

    def children(
        self,
        children: Sequence[Section | Step],
        level: int,
        base: Options,
        file: str,
        path: Path = (),
        done: int = 0,
    ) -> list[str]:
        """Return the blocks of what stands under a heading or item, without the first `done` children."""
        if level >= _LIST or _fits_list(children[done:]):
            level = _LIST
        found: list[str] = []
        for at, child in enumerate(children[done:], done):
            if child.place.file != file:
                file = child.place.file
                found.append(f"<!-- from {_uncommented(file)} -->")
            if level < _LIST and at > done and _is_question(child) and not _is_question(children[at - 1]):
                # A heading without a title ends the one before, which would take the checkbox.
                found.append("#" * level)
            found += self._child(child, level, base, (*path, at))
        return _joined(found)

    def _child(self, child: Section | Step, level: int, base: Options, here: Path) -> list[str]:
        question = _is_question(child)
        level = _LIST if question else level
        before: list[str] = []
        if isinstance(child, Step) and level >= _LIST and here[-1] == 0:
            # It reads better above the list than inside its first item.
            before, child = self._prose(child, here), replace(child, prose="")
        first, *rest = self._node(child, level, base, here)
        if level < _LIST:
            return [f"{'#' * level} {first}".rstrip(), *rest]
        return [*before, _item("- [ ]" if question else f"{here[-1] + 1}.", [first, *rest])]

    def _node(self, child: Section | Step, level: int, base: Options, here: Path) -> list[str]:
        """Return the title with its comment, then the blocks under it."""
        if isinstance(child, Step):
            return self._step(child, level, base, here)
        options = defaults(child, base)
        words = {**self._named(child, here), **_words(options, base)}
        found = _titled(child.title, level, words)
        first, base, done = next(iter(child.children), None), inherited(options), 0
        alone = len(child.children) == 1 and child.rolling is None
        if isinstance(first, Step) and first.kind is Kind.RUN and first.title == child.title and not alone:
            found += self._step(first, level, base, (*here, 0))[1:]
            done = 1
        return found + self.children(child.children, level + 1, base, child.place.file, here, done)

    def _step(self, step: Step, level: int, base: Options, here: Path) -> list[str]:
        words = {**self._named(step, here), **_words(step.options, base)}
        if step.kind is not Kind.RUN or step.script is None:
            if step.kind is Kind.WAIT and step.options.wait is not None:
                words["wait"] = duration_text(step.options.wait)
            return [*_titled(step.title, level, words), *self._prose(step, here)]
        found = [
            _visible(step.title, level),
            *self._prose(step, here),
            _fence(step.script, words),
        ]
        for role, script in (("check", step.check), ("rollback", step.rollback)):
            if script is not None:
                found.append(_fence(script, {role: None, **_own(script)}))
        return found

    def _prose(self, step: Step, here: Path) -> list[str]:
        return _prose(step.prose, fenced=(here, "prose") in self._explicit)

    def _named(self, node: Section | Step, here: Path) -> Words:
        return {key: getattr(node, key) for key in ("id", "title") if (here, key) in self._explicit}


def _is_question(child: Section | Step) -> bool:
    return isinstance(child, Step) and child.kind is Kind.CONFIRM


def _fits_list(children: Sequence[Section | Step]) -> bool:
    """Tell whether a list reads better than headings: steps alone, with a question after another one."""
    questions = [_is_question(child) for child in children]
    return all(isinstance(child, Step) for child in children) and questions != sorted(questions, reverse=True)


def _words(options: Options, base: Options) -> Words:
    return {key: None if value is True else value_text(key, value) for key, value in changed(options, base)}


def _own(script: Script) -> Words:
    return {
        key: duration_text(seconds)
        for key, seconds in (("every", script.every), ("timeout", script.timeout))
        if seconds is not None
    }


def _titled(title: str, level: int, words: Words) -> list[str]:
    """Return a title with its comment; values of several lines stand in a comment below it."""
    short = {key: value for key, value in words.items() if value is None or "\n" not in value}
    long = {key: value for key, value in words.items() if key not in short}
    title = f"{_visible(title, level)} {_comment(short)}".strip()
    return [title, _comment(long)] if long else [title]


def _comment(words: Words) -> str:
    return f"<!-- gonogo: {_attributes(words, in_comment=True)} -->" if words else ""


def _visible(title: str, level: int) -> str:
    """Return a title for a heading or list item, where it must begin no other block and no comment."""
    text = " ".join(title.split())
    text = text if len(text) <= _TITLE else f"{text[:_TITLE]}…"
    text = text.replace("<!--", "&lt;!--")
    if level < _LIST:
        return text
    if re.match(r"[-+*_=~#>|<\[!?:&]|```", text):
        return "\\" + text
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", text)


def _prose(prose: str, *, fenced: bool = False) -> list[str]:
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


def _fence(script: Script, words: Words) -> str:
    """Return a code block."""
    if script.language not in RUNNABLE and "check" not in words and "rollback" not in words:
        words = {"run": None, **words}
    attributes = _attributes(words)
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
        if commands("\n".join(others), script.language) == script.text:
            return "\n".join(others)
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


def _attributes(words: Words, *, in_comment: bool = False) -> str:
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


def _uncommented(text: str) -> str:
    return clean_line(text).replace("--", "- -")


def _item(mark: str, body: Sequence[str]) -> str:
    """Return a list item: its title behind the mark, the rest indented under it."""
    width = 2 if mark.startswith("-") else len(mark) + 1
    lines = "\n\n".join(body[1:]).split("\n")
    rest = "".join(f"\n{' ' * width}{line}" if line else "\n" for line in lines)
    return f"{mark} {body[0]}".rstrip() + (f"\n{rest}" if body[1:] else "")


def _joined(blocks: list[str]) -> list[str]:
    """Return the blocks with checkboxes that follow each other made one list."""
    found: list[str] = []
    for block in blocks:
        if found and block.startswith("- [ ]") and found[-1].startswith("- [ ]"):
            found[-1] += f"\n{block}"
        else:
            found.append(block)
    return found
