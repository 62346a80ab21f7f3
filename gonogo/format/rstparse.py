"""The nodes of an RST document, read by docutils with one directive for all: nothing is looked up or run."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Directive, Parser, directives
from docutils.parsers.rst.states import Body, Inliner, SubstitutionDef
from docutils.statemachine import StringList
from docutils.utils import new_document

_CODE = frozenset({"code-block", "code", "sourcecode", "prompt", "parsed-literal"})
_OTHERS = frozenset({"raw", "math", "graphviz", "mermaid", "uml", "plantuml", "blockdiag", "seqdiag"})
"""Directives whose text is neither prose nor commands."""
NOTES = frozenset({"attention", "caution", "danger", "error", "hint", "important", "note", "tip", "warning"})
"""Directives that are called by their kind."""
_TITLELESS = NOTES | {
    "versionadded",
    "versionchanged",
    "deprecated",
    "seealso",
    "todo",
    "end",
    "epigraph",
    "highlights",
    "pull-quote",
    "compound",
    "line-block",
}
"""Directives whose first line is the beginning of their text."""
_EXPLICIT = re.compile(r"(?:\.\.|__)(?: +|$)")
_OPTION = re.compile(r":[\w+.-]+:(?:\s|$)")


def parse(text: str, file: str) -> nodes.document:
    """Return a document's nodes. Inline marks stay as they are written."""
    settings = get_default_settings(Parser)
    settings.report_level, settings.halt_level, settings.warning_stream = 5, 6, False
    settings.file_insertion_enabled, settings.raw_enabled, settings.syntax_highlight = False, False, "none"
    document = new_document(file, settings)
    with _one_directive(), _no_empty_lists():
        Parser(inliner=_Inliner()).parse(text, document)
    return document


@contextmanager
def _one_directive() -> Iterator[None]:
    known = directives.directive
    directives.directive = lambda name, language, document: (_Any, [])  # type: ignore[assignment]
    try:
        yield
    finally:
        directives.directive = known


@contextmanager
def _no_empty_lists() -> Iterator[None]:
    """Look for more explicit markup behind a construct only where some stands.

    docutils copies the rest of the document for a machine that reads none of it: 10 s for 10,000 code blocks
    instead of 5.
    """
    known = Body.explicit_list

    def explicit_list(self: Body, blank_finish: bool) -> None:
        lines = self.state_machine.input_lines or ()
        following = self.state_machine.line_offset + 1
        if blank_finish and following < len(lines) and not _EXPLICIT.match(lines[following]):
            return
        known(self, blank_finish)

    Body.explicit_list = explicit_list  # type: ignore[method-assign]
    try:
        yield
    finally:
        Body.explicit_list = known  # type: ignore[method-assign]


class _Inliner(Inliner):
    """Leaves text as it is: a role need not be known, and no pattern runs over hostile lines."""

    def init_customizations(self, settings: Any) -> None:
        """Make no patterns."""

    def adjust_uri(self, uri: str) -> str:
        """Return an address of a named target as it is."""
        return uri

    def parse(self, text: str, lineno: int, memo: Any, parent: Any) -> Any:
        """Return the text."""
        return [nodes.Text(text.replace("\0", "\\"))], []


class _Any(Directive):
    """Any directive: a code block, or a container of what it holds. Options and arguments cannot be wrong."""

    has_content = True
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return a literal block, or a container with the directive's name and first line."""
        name, body = self.name.lower(), self.content
        if isinstance(self.state, SubstitutionDef):
            return [nodes.Text(name)]
        head = self.block_text.partition("\n")[0].partition("::")[2].strip()
        if head and name in _TITLELESS:
            return self._container(name, "", body, 0)
        body, skipped = _without_options(body, 1 if head else 0)
        if name in _CODE or name in _OTHERS:
            return self._literal(name if name in _OTHERS else head, name, body)
        return self._container(name, head, body, skipped)

    def _literal(self, head: str, name: str, body: StringList) -> list[nodes.Node]:
        language = "" if name == "parsed-literal" else head.partition(" ")[0].lower()
        text = textwrap.dedent("\n".join(body))
        node = nodes.literal_block(text, text, language=language, at=self.lineno)
        node["first"] = body.items[0][1] + 1 if body else self.lineno + 1
        return [node]

    def _container(self, name: str, title: str, body: StringList, skipped: int) -> list[nodes.Node]:
        node = nodes.container("\n".join(body), name=name, title=title)
        node.line = self.lineno
        self.state.nested_parse(body, self.content_offset + skipped, node)
        return [node]


def _without_options(body: StringList, head: int) -> tuple[StringList, int]:
    """Return a directive's content without its head, options and blank lines, and their number."""
    at = head
    while at < len(body) and _OPTION.match(body[at]):
        at += 1
    while at < len(body) and not body[at].strip():
        at += 1
    return body[at:], at
