"""A reStructuredText document, such as a Sphinx guide, becomes a checklist. It is never one of ours."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from gonogo.errors import RunbookError
from gonogo.text import clean_line

from .builder import Builder, Code
from .model import Place
from .outline import TITLE_LIMIT
from .prompts import ALIASES, is_session

if TYPE_CHECKING:
    from docutils import nodes

LINE_LIMIT = 10_000
"""Characters of one line; docutils takes no longer one."""
_TASK = re.compile(r"\[([ xX])\](?:\s+|$)")
_MARKS = re.compile(
    r"(?::[\w:.+-]+:)?`+([^`<]*?)(?:\s*<[^`>]*>)?`+_{0,2}|\*{1,2}([^*]+)\*{1,2}|\|([^|]+)\|_{0,2}"
)
_UNDERLINED = re.compile(r"(?:([^\w\s])\1*\n)?(\S.*)\n([^\w\s])\3*\s*\Z")
_CODE = re.compile(r"[ \t]*\.\. (?:code-block|code|sourcecode|prompt|parsed-literal)::(.*)")
SIZE_LIMIT = 1 << 20
"""Characters: docutils needs seconds for so much."""
_NEAR = 20
"""Lines that a block is looked for above the place that docutils gives."""
_ITEM = 7
"""A container's level within its depth: below the levels of sections."""
_HEADING = 8
"""That of a heading inside a container."""


def read(text: str, builder: Builder) -> None:
    """Read a document and close it; raise RunbookError when docutils is not installed."""
    try:
        from .rstparse import parse
    except ImportError:
        raise RunbookError(
            "this is RST, and docutils is missing",
            "`pip install docutils` where gonogo is installed brings it.",
        ) from None
    if len(text) > SIZE_LIMIT:
        builder.problems.error(Place(builder.file), "too-large", "the RST has more than 1 MiB", "Split it.")
        text = ""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LINE_LIMIT:
            place = Place(builder.file, number)
            builder.problems.error(
                place, "too-large", f"a line of more than {LINE_LIMIT} letters", "Wrap it."
            )
            builder.end()
            return
    _Walker(text, builder).walk(parse(text, builder.file), 0)
    builder.end()


class _Walker:
    """Walks the nodes of a document in order."""

    def __init__(self, text: str, builder: Builder) -> None:
        self._builder, self._lines = builder, text.split("\n")
        self._highlight = ""
        self._line = 1

    def walk(self, node: nodes.Element, depth: int) -> None:
        """Take what stands in a node; `depth` counts the sections and containers around it."""
        from docutils import nodes

        for child in node.children:
            if isinstance(child, nodes.Element):
                self._line = max(self._line, child.line or 0)
                self._take(child, depth)

    def _take(self, node: nodes.Element, depth: int) -> None:
        from docutils import nodes

        match node:
            case nodes.section():
                self._section(node, depth)
            case nodes.list_item() | nodes.definition_list_item() | nodes.field():
                self._item(node, depth)
            case nodes.paragraph():
                self._paragraph(node)
            case nodes.literal_block():
                self._literal(node)
            case nodes.doctest_block():
                self._code(node.astext(), "pycon", self._place(node))
            case nodes.comment():
                self._comment(node)
            case nodes.system_message():
                self._message(node, depth)
            case nodes.container():
                self._container(node, depth)
            case nodes.title() | nodes.term() | nodes.field_name():
                pass
            case _:
                self.walk(node, depth)

    def _section(self, node: nodes.Element, depth: int) -> None:
        builder, title = self._builder, _plain(node[0].astext())
        level = depth * 10 + 1
        builder.close(level)
        if depth == 0 and not builder.title:
            builder.call(title, {})
        else:
            builder.open(level, title, {}, Place(builder.file, max((node.line or self._line) - 1, 1)))
        self.walk(node, depth + 1)

    def _item(self, node: nodes.Element, depth: int) -> None:
        builder, level = self._builder, depth * 10 + _ITEM
        text = node.children[0].astext() if node.children else ""
        task = _TASK.match(text)
        title = _plain((text[task.end() :] if task else text).strip().split("\n")[0])
        builder.open(level, title, {}, self._place(node), task=task is not None)
        self.walk(node, depth + 1)
        builder.close(level, textwrap.dedent(node.rawsource).strip() or text)

    def _container(self, node: nodes.Element, depth: int) -> None:
        from .rstparse import NOTES

        builder, level, name = self._builder, depth * 10 + _ITEM, node["name"]
        if name == "highlight":
            self._highlight = node["title"].partition(" ")[0].lower()
        elif name in ("include", "literalinclude"):
            message = f"{name} of {clean_line(node['title'])} is not followed"
            builder.problems.warn(self._place(node), "not-included", message, "Open that file as well.")
        elif node["title"] and name != "rubric":
            builder.open(level, _plain(node["title"]), {}, self._place(node))
            self.walk(node, depth + 1)
            builder.close(level)
        else:
            if node["title"]:
                builder.paragraph(node["title"], _plain(node["title"]))
            elif name in NOTES:
                builder.paragraph(f"**{name.capitalize()}**", "")
            self.walk(node, depth)
            builder.close(depth * 10 + _HEADING)

    def _paragraph(self, node: nodes.Element) -> None:
        text = node.astext().strip()
        opens_item = node.parent is not None and node.parent.tagname == "list_item" and node.parent[0] is node
        if not opens_item:
            self._builder.paragraph(text, _plain(text))
        elif "\n" in text:
            self._builder.paragraph(text, "")

    def _literal(self, node: nodes.Element) -> None:
        first = node.get("first", node.line or self._line)
        place = Place(self._builder.file, node.get("at", first))
        self._code(node.astext(), node.get("language", ""), place, first)

    def _code(self, text: str, language: str, place: Place, first: int = 0) -> None:
        language = ALIASES.get(language, language) or self._highlight
        if not language and is_session(text):
            language = "console"
        first = first or place.line
        text = self._exact(text, first)
        source = f"```{language}\n{text}\n```"
        self._builder.code(Code(text + "\n", language, {}, place, source))

    def _exact(self, text: str, first: int) -> str:
        """Return a block as the file has it: docutils makes spaces of its tabs."""
        count = text.count("\n") + 1
        found = "\n".join(self._lines[first - 1 : first - 1 + count])
        bare = "\n".join(line.rstrip() for line in textwrap.dedent(found.expandtabs(8)).split("\n"))
        found = textwrap.dedent(found)
        return found if bare == text else text

    def _comment(self, node: nodes.Element) -> None:
        """Tell of code that is commented out. The node's line is its last one."""
        texts, last = node.astext().split("\n"), self._place(node).line
        for number, text in enumerate(texts):
            if match := _CODE.fullmatch(text):
                line = self._line_of(text, last - (len(texts) - number) + 2)
                self._builder.leave(line, match[1].strip(), "inside a comment")

    def _line_of(self, text: str, near: int) -> int:
        """Return the line with a text that stands near a line, for docutils does not count blank ones."""
        wanted = text.strip()
        for line in range(min(near, len(self._lines)), max(near - _NEAR, 0), -1):
            if self._lines[line - 1].strip() == wanted:
                return line
        return min(max(near, 1), len(self._lines))

    def _message(self, node: nodes.Element, depth: int) -> None:
        """Tell of what docutils could not read, with the text that it left out."""
        from docutils import nodes

        builder, place = self._builder, Place(self._builder.file, node.get("line", self._line))
        left_out = [child.astext() for child in node.children if isinstance(child, nodes.literal_block)]
        if not left_out:
            return
        if title := _UNDERLINED.match(left_out[0]):
            # A heading where there can be none, such as in a note.
            builder.open(depth * 10 + _HEADING, _plain(title[2]), {}, place)
            return
        place = Place(place.file, self._line_of(left_out[0].partition("\n")[0], place.line))
        said = node.children[0].astext().split("\n")[0]
        builder.problems.warn(
            place, "bad-rst", clean_line(said[:200]), "Mend the markup: what stands here is left out."
        )
        builder.leave(place.line, "", "docutils cannot read it")

    def _place(self, node: nodes.Element) -> Place:
        return Place(self._builder.file, node.line or self._line)


def _plain(text: str) -> str:
    """Return text without RST's marks, on one line, for a title."""
    line = " ".join(text[:500].replace("\\", "").split())
    line = _MARKS.sub(lambda mark: mark[1] or mark[2] or mark[3] or "", line)
    line = line.rstrip(":")
    return clean_line(line if len(line) <= TITLE_LIMIT else line[: TITLE_LIMIT - 1] + "…")
