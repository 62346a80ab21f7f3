"""A runbook as Markdown: headings for sections, code blocks with attributes, checkboxes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from markdown_it import MarkdownIt

from gonogo.text import clean_line

from .markdown import RUNNABLE
from .model import Kind, Options, Runbook, Script, Section, Step
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
        """Return the blocks of what stands under a heading or list item, without the first `done` children."""
        level = level if level < _LIST and _fits_headings(children[done:]) else _LIST
        found: list[str] = []
        for at, child in enumerate(children[done:], done):
            if child.place.file != file:
                found.append(f"<!-- from {_uncommented(child.place.file)} -->")
            found += self._child(child, level, base, (*path, at))
        return _joined(found)

    def _child(self, child: Section | Step, level: int, base: Options, here: Path) -> list[str]:
        question = isinstance(child, Step) and child.kind is Kind.CONFIRM
        before = _prose(child.prose) if isinstance(child, Step) and child.kind is not Kind.RUN else []
        level = _LIST if question else level
        first, *rest = self._node(child, level, base, here)
        if level < _LIST:
            return [*before, f"{'#' * level} {first}".rstrip(), *rest]
        return [*before, _item("- [ ]" if question else f"{here[-1] + 1}.", [first, *rest])]

    def _node(self, child: Section | Step, level: int, base: Options, here: Path) -> list[str]:
        """Return the title with its comment, then the blocks under it."""
        if isinstance(child, Step):
            return self._step(child, level, base, here)
        options = defaults(child, base)
        words = {**self._named(child, here), **_words(options, base)}
        found = [_titled(child.title, level, words), *_prose(child.prose)]
        first, base, done = next(iter(child.children), None), inherited(options), 0
        if isinstance(first, Step) and first.kind is Kind.RUN and first.title == child.title:
            found += self._step(first, level, base, (*here, 0))[1:]
            done = 1
        return found + self.children(child.children, level + 1, base, child.place.file, here, done)

    def _step(self, step: Step, level: int, base: Options, here: Path) -> list[str]:
        words = {**self._named(step, here), **_words(step.options, base)}
        if step.kind is not Kind.RUN or step.script is None:
            if step.kind is Kind.WAIT and step.options.wait is not None:
                words["wait"] = duration_text(step.options.wait)
            return [_titled(step.title, level, words)]
        prompts = {field for field in ("script", "check", "rollback") if (here, field) in self._explicit}
        found = [
            _visible(step.title, level),
            *_prose(step.prose),
            _fence(step.script, words, "script" in prompts),
        ]
        for role, script in (("check", step.check), ("rollback", step.rollback)):
            if script is not None:
                found.append(_fence(script, {role: None, **_own(script)}, role in prompts))
        return found

    def _named(self, node: Section | Step, here: Path) -> Words:
        return {key: getattr(node, key) for key in ("id", "title") if (here, key) in self._explicit}


def _fits_headings(children: Sequence[Section | Step]) -> bool:
    """Tell whether no checkbox comes after a heading, which would take it under itself."""
    confirms = [isinstance(child, Step) and child.kind is Kind.CONFIRM for child in children]
    return confirms == sorted(confirms, reverse=True)


def _words(options: Options, base: Options) -> Words:
    return {key: None if value is True else value_text(key, value) for key, value in changed(options, base)}


def _own(script: Script) -> Words:
    return {
        key: duration_text(seconds)
        for key, seconds in (("every", script.every), ("timeout", script.timeout))
        if seconds is not None
    }


def _titled(title: str, level: int, words: Words) -> str:
    comment = f"<!-- gonogo: {_attributes(words, in_comment=True)} -->" if words else ""
    return f"{_visible(title, level)} {comment}".strip()


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


def _prose(prose: str) -> list[str]:
    """Return prose as it is; as a block marked {prose} when it holds more than paragraphs."""
    if not prose.strip():
        return []
    if _is_paragraphs(prose.strip()):
        return [prose.strip()]
    mark = _mark(prose, "`")
    return [f"{mark}md {{prose}}\n{prose}\n{mark}"]


def _is_paragraphs(prose: str) -> bool:
    tokens = MarkdownIt("commonmark").parse(prose)
    if any(token.type not in ("paragraph_open", "inline", "paragraph_close") for token in tokens):
        return False
    paragraphs = [token.content for token in tokens if token.type == "inline"]
    marks = re.compile(r"\[[ xX]\](\s|\Z)")
    return (
        "\n\n".join(paragraphs) == prose
        and "<!--" not in prose
        and not any(marks.match(text) for text in paragraphs)
    )


def _fence(script: Script, words: Words, prompts: bool) -> str:
    """Return a code block. With `prompts` every line has one more, which the reader takes off."""
    if script.language not in RUNNABLE and "check" not in words and "rollback" not in words:
        words = {"run": None, **words}
    attributes = _attributes(words)
    info = f"{script.language} {{{attributes}}}" if attributes else script.language
    mark = _mark(script.text, "~" if "`" in info else "`")
    text = re.sub(r"^(\s*)", r"\1$ ", script.text, flags=re.MULTILINE) if prompts else script.text
    return f"{mark}{info}\n{text}\n{mark}"


def _mark(text: str, letter: str) -> str:
    longest = max((len(run) for run in re.findall(f"{letter}+", text)), default=0)
    return letter * max(_LEAST_FENCE, longest + 1)


def _attributes(words: Words, *, in_comment: bool = False) -> str:
    """Return `key=value` words; in a code block the inside of JSON's braces if only that holds a value."""
    odd = any(value is not None and ("\n" in value or value.endswith("\\")) for value in words.values())
    if odd and not in_comment:
        shown = {key: "" if value is None else value for key, value in words.items()}
        # The reader looks for the closing quote, and one after a backslash is none to it.
        return json.dumps(shown, ensure_ascii=False)[1:-1].replace("\\\\", "\\u005c")
    return " ".join(key if value is None else f"{key}={_quoted(value)}" for key, value in words.items())


def _quoted(value: str) -> str:
    value = value.replace("\n", " ")
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
