"""The outline while it is being built: boxes (headings, list items) with drafts of steps in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from gonogo.text import clean_line

from .attributes import Given
from .model import Kind, Options, Place, Script
from .titles import escaped

TITLE_LIMIT = 100
LEAD_LIMIT = 60
"""Characters of a paragraph that is a title; a longer one is prose, and the heading names the step."""
_OWN: dict[str, Any] = {
    "batch": (),
    "between": "ask",
    "outage_begin": None,
    "outage_end": None,
    "wait": None,
    "at": None,
}
"""Options that a heading or list item keeps to itself, as its steps have them."""


class Draft(Struct):
    """A step to be."""

    kind: Kind
    place: Place
    options: Options
    given: Given = field(default_factory=dict)
    script: Script | None = None
    check: Script | None = None
    rollback: Script | None = None
    title: str = ""
    """Its own: `title=`, or the YAML key; empty when its box or paragraph names it."""
    paragraph: str = ""
    """The paragraph right before it."""
    prose: str = ""
    test: bool = False
    """It, or what it stands under, says `test`."""


class Box(Struct):
    """A heading, list item or included document. `options` are what its steps begin with."""

    title: str
    place: Place
    options: Options = field(default_factory=Options)
    given: Given = field(default_factory=dict)
    rolling: Options | None = None
    children: list[Box | Draft] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)
    """Paragraphs since the last step."""
    inherited: str = ""
    """Prose that stood before it in the box above."""
    paragraph: str = ""
    is_task: bool = False
    included: bool = False
    """It holds another document, whose ids stand under this box's."""
    outage: tuple[str | None, str | None] = (None, None)
    pause: tuple[float | None, str | None] = (None, None)
    """`wait` and `at`: they hold before the first step alone, or are a step when there is none."""
    test: bool = False

    def take_prose(self) -> str:
        """Return the prose since the last step and begin anew."""
        text = "\n\n".join([self.inherited, *self.prose] if self.inherited else self.prose)
        self.inherited, self.prose = "", []
        return text

    def drafts(self) -> Iterator[Draft]:
        """Yield what will be steps, in order, at any depth."""
        for child in self.children:
            if isinstance(child, Draft):
                yield child
            else:
                yield from child.drafts()

    def alive(self) -> bool:
        """Tell whether there is any step in it."""
        return next(self.drafts(), None) is not None


def open_box(parent: Box, title: str, place: Place, options: Options, given: Given | None = None) -> Box:
    """Add a box under another."""
    box = Box(title, place, given=given or {})
    set_defaults(box, options)
    parent.children.append(box)
    return box


def set_defaults(box: Box, options: Options) -> None:
    """Take what stands on a heading or list item as defaults for what is under it.

    A batch makes it roll; outages and pauses belong to its ends alone.
    """
    if options.batch:
        box.rolling = options
    if options.outage_begin or options.outage_end:
        box.outage = (options.outage_begin, options.outage_end)
    if options.wait is not None or options.at is not None:
        box.pause = (options.wait, options.at)
    if any(getattr(options, name) != value for name, value in _OWN.items()):
        options = replace(options, **_OWN)
    box.options = options


def says(given: Given, word: str) -> bool:
    """Tell whether attributes have a word that no value takes back."""
    return word in given and given[word][0].lower() not in ("false", "no")


def pause_title(options: Options, given: Given) -> str:
    """Return the title of a pause that has none."""
    if options.at is not None:
        return f"Wait until {options.at}"
    return f"Wait {clean_line(given['wait'][0])}" if "wait" in given else "Wait"


def alone(box: Box, kind: Kind) -> Draft:
    """Return the step that a checkbox or pause with nothing under it is."""
    wait, at = box.pause
    options = replace(box.options, wait=wait, at=at)
    title = "" if box.title or kind is Kind.CONFIRM else pause_title(options, box.given)
    return Draft(kind, box.place, options, box.given, title=title, prose=box.take_prose())


def as_prose(box: Box) -> str:
    """Return a heading without steps, and the text under it, as prose."""
    title = [f"**{escaped(box.title)}**"] if box.title else []
    return "\n\n".join([*title, *box.prose])


def settle(box: Box) -> None:
    """Give what a box says of its two ends to its first and last step."""
    for child in box.children:
        child.test = box.test or says(child.given, "test")
        if isinstance(child, Box):
            settle(child)
    first = next(box.drafts(), None)
    if (
        first is not None
        and box.pause != (None, None)
        and first.options.wait is None
        and not first.options.at
    ):
        first.options = replace(first.options, wait=box.pause[0], at=box.pause[1])
    begin, end = box.outage
    if begin or end:
        runs = [draft for draft in box.drafts() if draft.kind is Kind.RUN]
        if begin and runs:
            runs[0].options = replace(runs[0].options, outage_begin=begin)
        if end and runs:
            runs[-1].options = replace(runs[-1].options, outage_end=end)
