"""A file becomes a runbook and a list of mistakes. Reading one runs nothing."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gonogo.errors import RunbookError
from gonogo.text import clean_line

from . import hidden
from .attributes import Given
from .builder import Builder
from .checks import check
from .front import Front
from .head import head_of
from .include import Files, Refused, read_file
from .keys import read_options
from .markdown import read as read_markdown
from .model import Head, NotRun, Place, Problem, Runbook
from .naming import finish
from .outline import Box, open_box
from .problems import Problems
from .yamldoc import read_document
from .yamlread import read_yaml

LINE_LIMIT = 200_000
_YAML, _RST = (".yaml", ".yml"), (".rst", ".rest")


class Loaded(Struct, frozen=True):
    """A runbook and every mistake found in it, in the order of its files and lines."""

    runbook: Runbook
    problems: tuple[Problem, ...]


def load(path: str | Path) -> Loaded:
    """Read a Markdown, RST or YAML runbook; raise RunbookError when there is nothing that can be read."""
    return loads(read_file(path, str(path)), str(path))


def loads(data: bytes, path: str, *, checked: bool = True) -> Loaded:
    """Read a runbook from bytes; the path's ending tells the spelling, its folder where includes stand.

    Without `checked` only what cannot be read is a problem; the steps themselves are not looked at.
    """
    with _uncollected():
        try:
            return _Loader(data, path).load(checked=checked)
        except RecursionError:
            raise RunbookError(f"{clean_line(path)}: nested too deeply", "Flatten it.") from None


@contextmanager
def _uncollected() -> Iterator[None]:
    """Hold the garbage collector: what is read is kept, and 10,000 steps take 1.3 s instead of 1.9 s."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Loader:
    def __init__(self, data: bytes, path: str) -> None:
        self._path, self._data = path, data
        self._problems = Problems()
        self._files = Files(path)
        self._included: dict[str, Place] = {}
        """Where each included file is named first."""
        self._not_run: list[NotRun] = []
        self._ours = True

    def load(self, *, checked: bool) -> Loaded:
        root = Box("", Place(self._path))
        front, title = self._document(decode(self._data, self._path), self._path, root, self._problems)
        children = finish(root, self._problems, ours=self._ours)
        sources = {self._path: self._data, **self._files.sources}
        said = {name: getattr(front, name) for name in Head.__struct_fields__}
        said |= {"title": front.title or title or Path(self._path).stem, "ours": self._ours}
        runbook = Runbook(
            **said,
            path=self._path,
            children=children,
            not_run=tuple(self._not_run),
            sources=tuple(sources.items()),
        )
        return Loaded(
            runbook, self._told([*self._problems.found, *(check(runbook) if checked else ())], list(sources))
        )

    def _document(self, text: str, path: str, root: Box, problems: Problems) -> tuple[Front, str]:
        """Read one document under a box; return its head and the title of its first heading."""
        top = path == self._path and not self._included
        if text.count("\n") > LINE_LIMIT:
            problems.error(Place(path), "too-large", f"more than {LINE_LIMIT} lines", "Split it.")
            return Front(ours=self._ours), ""
        if path.lower().endswith(_YAML):
            return self._yaml(text, path, root, problems), ""
        rst = path.lower().endswith(_RST)
        front, lines = (Front(), 0) if rst else head_of(text, path, problems)
        if top:
            self._ours = front.ours
        builder = Builder(path, root, problems, self._include, ours=self._ours and not rst)
        if rst:
            from .rst import read as read_rst

            read_rst(text, builder)
        else:
            every = text.split("\n")
            for offset, info in hidden.fences("\n".join(every[:lines])):
                builder.leave(offset + 1, info, "inside the front matter")
            read_markdown("\n".join(every[lines:]), lines + 1, builder)
        file = "" if top else path
        self._not_run += [replace(one, file=file) for one in builder.not_run]
        return front, builder.title

    def _yaml(self, text: str, path: str, root: Box, problems: Problems) -> Front:
        before = len(problems.found)
        node = read_yaml(text, path, 1, problems)
        if node is None:
            if len(problems.found) == before:
                problems.error(Place(path), "empty", "the file is empty", "Begin with `gonogo: 1`.")
            return Front(ours=True)
        return read_document(node, root, problems, self._include)

    def _include(self, given: Given, place: Place, parent: Box, problems: Problems) -> None:
        """Read the document that `include` names into a box of its own."""
        target, where = given["include"]
        own = {key: value for key, value in given.items() if key != "include"}
        options = read_options(parent.options, own, self._ours, problems)
        title = clean_line(own["title"][0]) if "title" in own else ""
        try:
            path, data = self._files.enter(target)
        except Refused as refused:
            problems.error(where, "bad-include", f"include: {refused.what}", refused.mend)
            return
        self._included.setdefault(path, where)
        try:
            self._read_into(path, data, open_box(parent, title, place, options, own), where)
        finally:
            self._files.leave()

    def _read_into(self, path: str, data: bytes, box: Box, where: Place) -> None:
        box.included = True
        try:
            text = decode(data, path)
            front, title = self._document(text, path, box, self._problems)
        except RunbookError as error:
            self._problems.error(where, "bad-include", f"include: {error.what}", error.mend)
            return
        box.title = box.title or front.title or title or Path(path).stem
        self._refuse(front, path)

    def _refuse(self, front: Front, path: str) -> None:
        """Only the top document says for what and by whom a run is asked."""
        for name, place in front.places.items():
            if name in ("inputs", "roles", "allowed-signers", "blast-radius", "monitors", "test-plan"):
                message = f"{name} cannot stand in an included document"
                self._problems.error(place, "include-head", message, "Move it to the top document.")
            elif name in ("inventory", "services"):
                message = f"{name} of an included document is not looked at"
                self._problems.warn(place, "include-head", message, "Say it in the top document.")

    def _told(self, found: list[Problem], files: list[str]) -> tuple[Problem, ...]:
        """Return mistakes in order, those of included files with where they are included."""
        order = {file: number for number, file in enumerate(files)}
        found.sort(key=lambda one: (order.get(one.place.file, 0), one.place.line, one.place.column))
        return tuple(self._with_chain(problem) for problem in found)

    def _with_chain(self, problem: Problem) -> Problem:
        chain, file = "", problem.place.file
        while (place := self._included.get(file)) is not None:
            chain, file = f"{chain} (included at {place})", place.file
        return replace(problem, message=problem.message + clean_line(chain)) if chain else problem


def decode(data: bytes, path: str) -> str:
    """Return a document's text with plain line ends; raise RunbookError for what is no text."""
    shown = clean_line(path)
    if not data.strip():
        raise RunbookError(f"{shown}: the file is empty", "Write a heading and a fenced block in `sh`.")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise RunbookError(f"{shown}:{line}:1: the file is binary", "Name a Markdown, YAML or RST file.")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RunbookError(f"{shown}:{line}:1: this is not UTF-8", "Save the file as UTF-8.") from None
