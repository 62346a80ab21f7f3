"""The outline while it is being built: boxes (headings, list items) with drafts of steps in them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace

from .attributes import Given
from .model import Kind, Options, Place, Script, Section, Step
from .problems import Problems

TITLE_LIMIT = 100
LEAD_LIMIT = 60
"""Characters of a paragraph that is a title; a longer one is prose, and the heading names the step."""


@dataclass(slots=True)
class Draft:
    """A step to be."""

    kind: Kind
    place: Place
    options: Options
    given: Given = field(default_factory=dict)
    script: Script | None = None
    check: Script | None = None
    rollback: Script | None = None
    title: str = ""
    """Its own: `title=`, or a checkbox's text."""
    paragraph: str = ""
    """The paragraph right before it."""
    prose: str = ""


@dataclass(slots=True)
class Box:
    """A heading or list item. `options` are what its steps begin with."""

    title: str
    place: Place
    level: int
    options: Options = field(default_factory=Options)
    rolling: Options | None = None
    children: list[Box | Draft] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)
    """Paragraphs since the last step."""
    paragraph: str = ""
    is_task: bool = False
    outage: tuple[str | None, str | None] = (None, None)

    def last_run(self) -> Draft | None:
        """Return the run step that a check or rollback block belongs to."""
        for child in reversed(self.children):
            if isinstance(child, Draft):
                return child if child.kind is Kind.RUN else None
            if (found := child.last_run()) is not None:
                return found
        return None

    def take_prose(self) -> str:
        """Return the prose since the last step and begin anew."""
        text, self.prose = "\n\n".join(self.prose), []
        return text


def open_box(parent: Box, title: str, place: Place, level: int, options: Options) -> Box:
    """Add a box under another. A batch makes it roll; an outage is begun and ended by its ends alone."""
    box = Box(title, place, level)
    set_defaults(box, options)
    parent.children.append(box)
    return box


def set_defaults(box: Box, options: Options) -> None:
    """Take what stands on a heading or list item as defaults for what is under it."""
    if options.batch:
        box.rolling = options
    if options.outage_begin or options.outage_end:
        box.outage = (options.outage_begin, options.outage_end)
    box.options = replace(options, batch=(), between="ask", outage_begin=None, outage_end=None)


def finish(root: Box, problems: Problems) -> tuple[Section | Step, ...]:
    """Return the outline with titles and ids; boxes without steps fall away."""
    _spread_outages(root)
    return tuple(_Finisher(problems).children(root, ()))


def _spread_outages(box: Box) -> None:
    for child in box.children:
        if isinstance(child, Box):
            _spread_outages(child)
    begin, end = box.outage
    runs = list(_runs(box))
    if begin and runs:
        runs[0].options = replace(runs[0].options, outage_begin=begin)
    if end and runs:
        runs[-1].options = replace(runs[-1].options, outage_end=end)


def _runs(box: Box) -> list[Draft]:
    found: list[Draft] = []
    for child in box.children:
        if isinstance(child, Box):
            found += _runs(child)
        elif child.kind is Kind.RUN:
            found.append(child)
    return found


class _Finisher:
    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._taken: dict[str, Place] = {}

    def children(self, box: Box, path: tuple[str, ...]) -> list[Section | Step]:
        return [found for child in box.children if (found := self._child(child, box, path)) is not None]

    def _child(self, child: Box | Draft, box: Box, path: tuple[str, ...]) -> Section | Step | None:
        if isinstance(child, Draft):
            lead = child.paragraph if len(child.paragraph) <= LEAD_LIMIT else ""
            return self._step(child, child.title or lead or box.title or child.paragraph, path)
        live = [one for one in child.children if isinstance(one, Draft) or _alive(one)]
        if not live:
            return None
        only = live[0]
        if len(live) == 1 and isinstance(only, Draft) and child.rolling is None:
            return self._step(only, only.title or child.title or only.paragraph, path)
        below = (*path, slug(child.title))
        children = tuple(self.children(child, below))
        return Section(
            id="/".join(below), title=child.title, place=child.place, children=children, rolling=child.rolling
        )

    def _step(self, draft: Draft, title: str, path: tuple[str, ...]) -> Step:
        title = title or _first_words(draft.script)
        return Step(
            id=self._id(draft, "/".join((*path, slug(title)))),
            title=title,
            kind=draft.kind,
            place=draft.place,
            options=draft.options,
            script=draft.script,
            check=draft.check,
            rollback=draft.rollback,
            prose=draft.prose,
        )

    def _id(self, draft: Draft, derived: str) -> str:
        for key in ("id", "name"):
            if key in draft.given:
                own, place = draft.given[key]
                if own in self._taken:
                    other = self._taken[own]
                    message = f"the id {own!r} stands twice, first in line {other.line}"
                    self._problems.error(place, "duplicate-id", message, "Rename one of them.")
                self._taken[own] = place
                return own
        found, number = derived, 1
        while found in self._taken:
            number += 1
            found = f"{derived}-{number}"
        self._taken[found] = draft.place
        return found


def _alive(box: Box) -> bool:
    return any(isinstance(child, Draft) or _alive(child) for child in box.children)


def _first_words(script: Script | None) -> str:
    lines = [line.strip() for line in script.text.splitlines()] if script else []
    return next((line[:TITLE_LIMIT] for line in lines if line and not line.startswith("#")), "step")


def slug(title: str) -> str:
    """Return a title as a short name: lower case, words joined by dashes."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].strip("-") or "step"
