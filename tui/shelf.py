"""What Home has on its shelf: runs and runbooks, and what can be done with each. No toolkit in here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from msgspec import Struct, field

from gonogo.text import clean_line, many

from .lines import Line, Span, clip, fit, span, width
from .mistakes import Mistake
from .words import SECOND, duration

OPEN = ("waiting", "paused", "running")
"""States of runs that are not over, what wants somebody first."""
_LOOKS = {
    "waiting": ("◆", "ask"),
    "paused": ("◐", "warn"),
    "running": ("▸", "run"),
    "go": ("✓", "ok"),
    "no-go": ("■", "bad"),
    "aborted": ("⊗", "bad"),
}
TITLE = 42
"""Hundredths of a line that a title takes at most."""
_AGO = ((86400, "d"), (3600, "h"), (60, "m"))


class Ran(Struct, frozen=True):
    """A run, over or not."""

    name: str
    path: str
    title: str
    status: str
    waits_for: str = ""
    by: str = ""
    began: datetime | None = None
    seconds: float = 0.0
    hosts: int = 0
    live: bool = False
    runbook: str = ""
    """The absolute path."""


class Book(Struct, frozen=True):
    """A runbook that was found here."""

    path: str
    """The absolute path."""
    shown: str
    title: str
    errors: int = 0
    warnings: int = 0
    checked: bool = False
    inventory: bool = False
    """It names one, so that it can be rehearsed."""
    mistakes: tuple[Mistake, ...] = ()
    """What the check found; the counts are of all."""


class Shelf(Protocol):
    """Looks things up; each call may take its time and is made in a thread."""

    @property
    def place(self) -> str:
        """The folder that is looked through."""

    def runs(self) -> list[Ran]:
        """Return all runs, oldest first."""

    def books(self) -> Iterable[list[Book]]:
        """Yield the runbooks again and again, knowing more of them each time."""


class Entry(Struct, frozen=True):
    """One line of Home: a heading, a run, a runbook, or something to begin with."""

    heading: str = ""
    run: Ran | None = None
    book: Book | None = None
    begin: str = ""
    """What to begin with where nothing else is."""
    last: Ran | None = None
    """A runbook's latest run."""
    ways: tuple[tuple[str, str, tuple[str, ...]], ...] = field(default=())
    """What can be done: word, what it does, arguments for the program; the first is what enter does."""

    @property
    def title(self) -> str:
        """What it is called; empty for a heading."""
        return clean_line(self.run.title if self.run else self.book.title if self.book else self.begin)


BEGINNINGS = (
    Entry("No runbook with `gonogo: 1` is here, and nothing ran yet"),
    Entry(
        begin="Step through a change",
        ways=(("demo", "a shipped runbook on forty simulated hosts: try every key", ("demo",)),),
    ),
    Entry(
        begin="Write a runbook",
        ways=(("new", "asks what is changed, and where; an inventory comes with it", ("new",)),),
    ),
)
"""What Home has on the first day."""


def entries(runs: Sequence[Ran], books: Sequence[Book], wanted: str = "") -> list[Entry]:
    """Return Home's lines: what waits, what goes on, runbooks, what is past; only those with every word.

    Where there is none of these they are what to begin with.
    """
    if not runs and not books:
        return list(BEGINNINGS)
    latest = {one.runbook: one for one in runs}
    waiting = sorted((one for one in runs if one.status in OPEN), key=lambda one: OPEN.index(one.status))
    past = [one for one in reversed(runs) if one.status not in OPEN]
    groups = (
        ("Waiting for you", [_ran(one) for one in waiting if one.status == "waiting"]),
        ("Not over", [_ran(one) for one in waiting if one.status != "waiting"]),
        ("Runbooks here", [_book(one, latest.get(one.path)) for one in books]),
        ("Past runs", [_ran(one) for one in past]),
    )
    words = wanted.lower().split()
    lines: list[Entry] = []
    for heading, found in groups:
        kept = [one for one in found if all(word in _text(one) for word in words)]
        if kept:
            lines += [Entry(heading), *kept, Entry()]
    return lines[:-1]


def _text(entry: Entry) -> str:
    if entry.run is not None:
        return f"{entry.run.title} {entry.run.name} {entry.run.status} {entry.run.by}".lower()
    return f"{entry.book.title} {entry.book.shown}".lower() if entry.book else ""


def _ran(run: Ran) -> Entry:
    back = [
        ("replay", "tell it again in the same screen", ("replay", run.path)),
        ("report", "the whole run as a document", ("report", run.path)),
        ("verify", "check its record", ("verify", run.path)),
    ]
    if run.status not in OPEN:
        return Entry(run=run, ways=tuple(back))
    go_on = (
        [("attach", "come back to it", ("attach", run.path)), ("watch", "look on", ("watch", run.path))]
        if run.live
        else [("resume", "go on with it: its process is gone", ("resume", run.path))]
    )
    return Entry(run=run, ways=tuple(go_on + back))


def _book(book: Book, last: Ran | None) -> Entry:
    ways = [
        ("run", "start a run; nothing happens before its first go", ("run", book.path)),
        ("show", "what it would do, and where", ("show", book.path)),
        ("check", "every mistake in it", ("check", book.path)),
    ]
    if book.inventory:
        ways.insert(1, ("rehearse", "run it on simulated hosts on this machine", ("rehearse", book.path)))
    return Entry(book=book, last=last, ways=tuple(ways))


def line(entry: Entry, cells: int, longest: int, now: datetime) -> Line:
    """Return one line of Home; `longest` is the cells of the longest of all titles."""
    named = min(longest, cells * TITLE // 100)
    if entry.run is not None:
        return _run_line(entry.run, cells, named, now)
    if entry.book is not None:
        return _book_line(entry.book, entry.last, cells, named, now)
    if entry.begin:
        return _columns(("▸ ", "run"), (entry.begin, "title"), (_typed(entry), "dim"), "", cells, named)
    return ((entry.heading, "section"),)


def _typed(entry: Entry) -> str:
    """Return the command that does the same as enter."""
    return " ".join(("gonogo", *entry.ways[0][2]))


def _run_line(run: Ran, cells: int, named: int, now: datetime) -> Line:
    symbol, style = _LOOKS.get(run.status, ("?", "warn"))
    lasted = f" {'for' if run.status == 'running' else 'after'} {duration(int(run.seconds * SECOND))}"
    told = run.waits_for or f"{run.status}{lasted if run.seconds else ''}"
    who = f"{run.by}, {ago(run.began, now)}" if cells >= 90 else ago(run.began, now)
    name = span(run.title, "title" if run.status in OPEN else "")
    return _columns((f"{symbol} ", style), name, (told, style), who, cells, named)


def _book_line(book: Book, last: Ran | None, cells: int, named: int, now: datetime) -> Line:
    told: tuple[str, str] = (book.shown, "dim")
    if book.errors:
        told = (f"✗ {many(book.errors, 'mistake')}  {book.shown}", "bad")
    elif book.warnings:
        told = (f"! {many(book.warnings, 'warning')}  {book.shown}", "warn")
    right = "never run"
    if last is not None:
        symbol, _ = _LOOKS.get(last.status, ("?", ""))
        took = f" {duration(int(last.seconds * SECOND))}," if last.status not in OPEN and cells >= 90 else ""
        right = f"{symbol} {last.status},{took} {ago(last.began, now)}"
    return _columns(("▤ ", "run"), span(book.title, "title"), told, right, cells, named)


def _columns(mark: Span, title: Span, told: Span, right: str, cells: int, named: int) -> Line:
    """Return a line whose second column begins where every line's does, behind `named` cells of title."""
    end = span(clip(right, cells // 2), "dim")
    room = cells - width((mark, end)) - 4
    return (
        mark,
        (fit(title[0], named), title[1]),
        ("  ", ""),
        (fit(told[0], max(room - named, 1)), told[1]),
        ("  ", ""),
        end,
    )


def ago(began: datetime | None, now: datetime) -> str:
    """Return how long something is past, in its largest unit."""
    if began is None:
        return "no date"
    seconds = int((now - began).total_seconds())
    for size, unit in _AGO:
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return "just now"


def detail(entry: Entry, cells: int) -> list[Line]:
    """Return what else is known of a chosen line."""
    if entry.run is not None:
        run = entry.run
        began = run.began.astimezone().strftime("%Y-%m-%d %H:%M") if run.began else "no date"
        first: Line = (span(clip(run.name, cells), "run"),)
        words = f"{began} · {many(run.hosts)} · {clean_line(run.runbook)}"
        return [first, (span(clip(words, cells), "dim"),)]
    if entry.book is not None:
        checked = "checked: no mistakes" if entry.book.checked else "being checked"
        if entry.book.errors or entry.book.warnings:
            checked = f"{many(entry.book.errors, 'mistake')}, {many(entry.book.warnings, 'warning')}"
        if entry.last is not None and entry.last.status not in OPEN:
            checked += f" · its last run took {duration(int(entry.last.seconds * SECOND))}"
        return [(span(clip(entry.book.path, cells), "run"),), (span(clip(checked, cells), "dim"),)]
    if entry.begin:
        found = "Runbooks are found here and below by `gonogo: 1` at their head."
        return [((clip(entry.ways[0][1], cells), ""),), ((clip(found, cells), "dim"),)]
    return [(), ()]


def today() -> datetime:
    """Return now, as runs have their beginning."""
    return datetime.now(UTC)
