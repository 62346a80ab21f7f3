"""A Markdown document becomes a checklist: a code block runs, a checkbox is a person's go or no-go."""

from __future__ import annotations

import re
import textwrap
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from gonogo.text import clean_line

from . import admonition, hidden
from .attributes import Given, fence_info, words_of
from .builder import Builder, Code
from .keys import KEYS
from .model import Place
from .outline import TITLE_LIMIT
from .problems import Problems
from .prompts import ALIASES
from .titles import plain

NESTING = 60
"""Levels that the parser goes down (a list takes two); what stands deeper is told, not read."""
_TASK = re.compile(r"\A\[([ xX])\](?:\s+|$)")
# Docusaurus' fences of a note and its imports, and the tags of Jekyll, Hugo and MkDocs.
_MARKUP = re.compile(
    r"\s*(?::{3,}|\{%|\{\{[<%]|\[TOC\]|--8<--|///|\[!\w+\]|!!!|\?\?\?|===|import\s.{1,500}\sfrom\s['\"])"
)
_NOTE = re.compile(r"\s*:{3,}\s*\{?\.?(?P<kind>[A-Za-z][\w-]*)\}?[\s\[]*(?P<title>[^\]\n{]*)")
"""What begins such a note, with its title."""
_BRACES = re.compile(r"\{([^{}]{1,400})\}$")
_KEY = re.compile(r"(?:^|\s)([a-z-]+)(?==|\s|$)")
_GONOGO = re.compile(r"\s*gonogo:(.*)", re.DOTALL)
_WHOLE = frozenset({"bullet_list_open", "ordered_list_open", "blockquote_open"})
_BUILDS = frozenset({"heading_open", "fence", "code_block", "html_block", "admonition_open"})
_MORE = re.compile(r"\A\[[ xX]\](?:\s|\Z)|<!--|```|~~~")
"""Text of a list or quotation that is more than prose: a checkbox, a comment, a hidden fence."""
_LEAD = 300
"""Characters of a paragraph's source, links and all, that may name the next step."""
_DEEPEST = 8
"""How often a body may be indented by four, one inside the other, in a document that is not ours."""
_ITEM = 7
"""A container's level within its depth: below the six levels of headings."""


def read(text: str, first_line: int, builder: Builder) -> None:
    """Read a text whose first line is `first_line` of the file, and close the document."""
    _Walker(text, first_line, builder).walk(text, first_line, 0, 0)
    builder.end()


def _parser() -> MarkdownIt:
    # Only blocks are looked at: their text is taken as it stands, and so are definitions of links.
    parser = MarkdownIt("commonmark", {"maxNesting": NESTING, "inline_definitions": True})
    parser.disable("inline")
    return parser.use(admonition.plugin)


class _Walker:
    """Walks the tokens of one document, and of what is nested in it, in order."""

    def __init__(self, text: str, first_line: int, builder: Builder) -> None:
        self._builder, self._first = builder, first_line
        self._lines = text.split("\n")
        self._base = self._down = 0
        self._tokens: list[Token] = []
        self._known: dict[str, Any] = {}
        """What the parser keeps of the definitions of links."""
        self._items: list[str] = []
        """The source of each list item that is open."""

    def walk(self, text: str, first_line: int, base: int, down: int) -> None:
        """Take every token of a text that stands at level `base`, indented by four `down` times."""
        outer = self._tokens, self._base, self._down
        self._tokens, self._base, self._down = _parser().parse(text + "\n", self._known), base, down
        after = 0
        for at, token in enumerate(self._tokens):
            if at < after:
                continue
            place = Place(self._builder.file, (token.map[0] if token.map else 0) + first_line)
            if token.type in _WHOLE and (after := self._end_of_prose(at)):
                begin, end = token.map or [0, 0]
                self._builder.paragraph(self._source(place.line, end - begin), "")
            else:
                self._take(at, token, place)
        self._tokens, self._base, self._down = outer

    def _end_of_prose(self, at: int) -> int:
        """Return the token after a list or quotation that is text alone; 0 for one that holds more."""
        level = self._tokens[at].level
        for end in range(at, len(self._tokens)):
            token = self._tokens[end]
            if token.level == level and end > at:
                return end + 1
            if token.type in _BUILDS or token.level >= NESTING - 1:
                break
            if token.type == "inline" and _MORE.search(token.content):
                break
        return 0

    def _take(self, at: int, token: Token, place: Place) -> None:
        match token.type:
            case "heading_open":
                self._heading(token, self._tokens[at + 1].content, place)
            case "list_item_open":
                self._item(at, token, place)
            case "admonition_open":
                self._builder.open(self._level(token, _ITEM), self._plain(token.info), {}, place)
                if token.content:
                    self._builder.paragraph(f"**{token.content.capitalize()}**", "")
                self._too_deep(token, place)
            case "blockquote_open":
                self._too_deep(token, place)
            case "list_item_close":
                self._builder.close(self._level(token, _ITEM), self._items.pop())
            case "admonition_close" | "blockquote_close":
                self._builder.close(self._level(token, _ITEM))
            case "paragraph_open":
                self._paragraph(at, place)
            case "definition":
                begin, end = token.map or [0, 0]
                self._builder.box.prose.append(self._source(place.line, end - begin))
            case "html_block":
                self._html(token.content, place)
            case "fence":
                self._fence(token, place)
            case "code_block":
                self._indented(token, place)

    def _level(self, token: Token, within: int) -> int:
        return self._base + token.level * 10 + within

    def _heading(self, token: Token, content: str, place: Place) -> None:
        title, given = self._split(content, place, whole=True)
        level = self._level(token, int(token.tag[1]))
        self._builder.close(level)
        if level == 1 and not self._builder.title:
            self._builder.call(title, given)
        else:
            self._builder.open(level, title, given, place)

    def _item(self, at: int, token: Token, place: Place) -> None:
        content = self._tokens[at + 2].content if self._tokens[at + 1].type == "paragraph_open" else ""
        task = _TASK.match(content)
        title, given = self._split(content[task.end() :] if task else content, place)
        self._builder.open(self._level(token, _ITEM), title, given, place, task=task is not None)
        begin, end = token.map or [0, 0]
        self._items.append(self._source(place.line, end - begin))
        self._too_deep(token, place)

    def _paragraph(self, at: int, place: Place) -> None:
        content = self._tokens[at + 1].content
        self._lazy(content, place)
        opens_item = at > 0 and self._tokens[at - 1].type == "list_item_open"
        lines = _uncommented(content).split("\n")
        self._builder.box.prose += [_note(match) for line in lines if (match := _NOTE.match(line))]
        source = "\n".join(line for line in lines if not _MARKUP.match(line)).strip()
        if opens_item:
            source = _TASK.sub("", source, count=1)
            if "\n" in source or len(source) > TITLE_LIMIT:
                self._builder.paragraph(source, "")
        elif source or not content.strip():
            names = len(source) <= _LEAD and not source.startswith("|")
            self._builder.paragraph(source, self._plain(source) if names else "")

    def _lazy(self, content: str, place: Place) -> None:
        """Tell of fences that are indented so far that they only continue a paragraph."""
        if "\n" in content:
            for offset, info in hidden.fences(content):
                if offset:
                    self._hide(place.line + offset, info, "indented so far that it continues a paragraph")

    def _html(self, content: str, place: Place) -> None:
        for begin, _, body in hidden.comments(content):
            if match := _GONOGO.match(body):
                start = begin + 4 + match.start(1)
                self._builder.comment(self._words(match[1], self._place_in(content, start, place)), place)
        if (begin := content.rfind("<!--")) > content.rfind("-->"):
            message = "the comment is never closed: nothing behind it is read"
            at = self._place_in(content, begin, place)
            self._builder.report(at, "unclosed-comment", message, "End it with -->.")
        for offset, info, reason in hidden.in_html(content):
            self._hide(place.line + offset, info, reason)
        if source := _uncommented(content, every=True).partition("<!--")[0].strip():
            self._builder.box.prose.append(source)

    def _fence(self, token: Token, place: Place) -> None:
        builder = self._builder
        line = self._lines[place.line - self._first]
        column = line.find(token.markup) + len(token.markup) + 1
        begin, end = token.map or [0, 0]
        if end - begin < token.content.count("\n") + 2:
            message = f"the code block is never closed: {token.markup[:40]} is missing"
            mend = f"End it with a line {token.markup[:40]}."
            builder.report(place, "unclosed-fence", message, mend)
        start = Place(place.file, place.line, column)
        language, given = fence_info(token.info, start, builder.problems, ours=builder.ours)
        language = ALIASES.get(language, language)
        builder.code(Code(token.content, language, given, place, self._source(place.line, end - begin)))

    def _indented(self, token: Token, place: Place) -> None:
        """Indented code is not run. In others' documents a fence in it is most likely meant as one."""
        found = list(hidden.fences(token.content))
        if not found:
            self._builder.leave(place.line, "", "indented code has no language")
            self._builder.box.prose.append(textwrap.indent(token.content.rstrip("\n"), "    "))
        elif not self._builder.ours and self._down < _DEEPEST:
            base = self._level(token, 9)
            self.walk(token.content, place.line, base, self._down + 1)
            self._builder.close(base)
        else:
            for offset, info in found:
                self._hide(place.line + offset, info, "indented by four spaces or more: shown as text")

    def _too_deep(self, token: Token, place: Place) -> None:
        """Tell of a container whose inside the parser leaves out."""
        if token.level + 1 < NESTING or token.map is None:
            return
        builder = self._builder
        builder.problems.error(place, "too-deep", f"nested deeper than {NESTING} levels", "Flatten it.")
        inside = self._source(place.line, token.map[1] - token.map[0])
        for offset, info in hidden.fences(inside):
            builder.leave(
                place.line + offset, fence_info(info, place, Problems(), ours=False)[0], "nested too deep"
            )

    def _hide(self, line: int, info: str, reason: str) -> None:
        builder, place = self._builder, Place(self._builder.file, line)
        language, _ = fence_info(info, place, Problems(), ours=False)
        builder.leave(line, language, reason)
        if builder.ours and not reason.endswith("comment"):
            message = f"this code block is {reason}"
            builder.problems.warn(place, "hidden-fence", message, "Let it begin a line of its own container.")

    def _source(self, line: int, count: int) -> str:
        """Return lines of the document without what all of them are indented by."""
        at = line - self._first
        return textwrap.dedent("\n".join(self._lines[at : at + count])).strip("\n")

    def _split(self, content: str, place: Place, *, whole: bool = False) -> tuple[str, Given]:
        """Return a heading's or item's title and the attributes in its comment; `whole`: of all its lines."""
        given: Given = {}
        for begin, _, body in hidden.comments(content):
            if match := _GONOGO.match(body):
                start = begin + 4 + match.start(1)
                given |= self._words(match[1], self._place_in(content, start, place))
        title = _uncommented(content, every=True).strip()
        title = title if whole else _first_line(title)
        self._see_braces(title, place)
        return self._plain(title), given

    def _see_braces(self, title: str, place: Place) -> None:
        """Refuse attributes that stand in a title as they do behind a fence: they'd be read as prose."""
        found = _BRACES.search(title)
        if self._builder.ours and found and KEYS.keys() & _KEY.findall(found[1]):
            at = Place(place.file, place.line, self._lines[place.line - self._first].find(found[0]) + 1)
            message = "attributes in braces belong behind a fence; here they are only text"
            self._builder.problems.error(
                at, "braces", message, f"Write <!-- gonogo: {found[1].strip()} --> instead."
            )

    def _words(self, text: str, place: Place) -> Given:
        return words_of(text, place, self._builder.problems if self._builder.ours else None)

    def _place_in(self, content: str, offset: int, place: Place) -> Place:
        """Return where an offset of a block's content stands; the block begins at a place."""
        begin = content.rfind("\n", 0, offset) + 1
        line = place.line + content.count("\n", 0, offset)
        shift = self._lines[line - self._first].find(content[begin:].partition("\n")[0])
        return Place(place.file, line, offset - begin + 1 + max(shift, 0))

    def _plain(self, text: str) -> str:
        """Return text without Markdown's marks, on one line, for a title."""
        line = plain(text, self._known)
        return clean_line(line if len(line) <= TITLE_LIMIT else line[: TITLE_LIMIT - 1] + "…")


def _first_line(content: str) -> str:
    """Return the words that name an item, without what breaks the line; none for a table."""
    line, *more = content.split("\n")
    if more and line.startswith("|"):
        return ""
    return line[:-1] if more and re.search(r"(?<!\\)\\\Z", line) else line


def _note(match: re.Match[str]) -> str:
    return f"**{match['title'].strip() or match['kind'].capitalize()}**"


def _uncommented(content: str, *, every: bool = False) -> str:
    """Return text without this program's comments, or without any."""
    if "<!--" not in content:
        return content
    kept, at = [], 0
    for begin, end, body in hidden.comments(content):
        if every or _GONOGO.match(body):
            kept.append(content[at:begin])
            at = end
    return "".join([*kept, content[at:]])
