"""`gonogo` alone in a terminal: Home, and from there every other command.

What finds and reads runs and runbooks is imported where it is used: the first paint would wait 0.13 s for it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from msgspec.structs import replace

from gonogo.errors import GonogoError
from gonogo.text import clean_line
from gonogo.tui.apps.home import HomeApp
from gonogo.tui.settings import load as load_settings
from gonogo.tui.shelf import Book, Ran

from .terminal import screen_left

MOST = 500
"""Runbooks that are read and checked for Home."""
_STAYS = frozenset({"report", "verify", "show", "check", "new"})
"""What prints and ends: it is read before Home comes back."""
_LEFT = 3
"""The exit code of a run that was left, and waits or goes on."""


def home() -> int:
    """Show Home until the operator leaves it; return the exit code."""
    shelf = Files(_root(Path.cwd()))
    while True:
        app = HomeApp(shelf, load_settings())
        with screen_left():
            app.run()
        if not app.chosen:
            return app.return_code or 0
        _do(app.chosen)


class Files:
    """What the disk has; implements `Shelf`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._over: dict[str, Ran] = {}

    @property
    def place(self) -> str:
        """The folder that is looked through."""
        return str(self._root)

    def runs(self) -> list[Ran]:
        """Return all runs, oldest first; those that are over are read once."""
        from gonogo.trail.rundir import list_runs

        found = []
        for run in list_runs():
            one = self._over.get(run.name) or _ran(run)
            if one.status in ("go", "no-go", "aborted"):
                self._over[run.name] = one
            found.append(one)
        return found

    def books(self) -> Iterator[list[Book]]:
        """Yield runbooks by their names, then again as each was read and checked."""
        from .search import find

        found = [path for path, named in find([self._root]) if not named]
        paths = [path for path in found if not (path.parent.parent / "audit.jsonl").exists()][:MOST]
        books = [_unread(path, self._root) for path in paths]
        yield list(books)
        for path, book in zip(paths, list(books), strict=True):
            checked = _checked(book, path)
            at = books.index(book)
            books[at : at + 1] = [checked] if checked is not None else []
            yield list(books)


def _root(folder: Path) -> Path:
    """Return the repository that a folder is in, or the folder; no program is asked."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)


def _ran(run: Path) -> Ran:
    from .listing import about, when

    one = about(run)
    return Ran(
        name=one["run"],
        path=str(run),
        title=one["title"],
        status=one["status"],
        waits_for=one["waits_for"],
        by=one.get("by", ""),
        began=when(one.get("began", "")),
        seconds=one.get("seconds", 0.0),
        hosts=one.get("hosts", 0),
        live=one.get("live", False),
        runbook=os.path.realpath(one["runbook"]) if one.get("runbook") else "",
    )


def _unread(path: Path, root: Path) -> Book:
    shown = clean_line(os.path.relpath(path, root))
    return Book(os.path.realpath(path), shown, path.stem)


def _checked(book: Book, path: Path) -> Book | None:
    """Return what a runbook says of itself, and how many mistakes it holds; nothing of it is run.

    None for a document that only names us.
    """
    from gonogo.format.load import load
    from gonogo.format.model import Severity

    from .checks.findings import check_file
    from .checks.hosts import Inventories
    from .mistaken import mistakes

    checked = check_file(path, Inventories(()))
    if not checked.ours:
        return None
    found = replace(
        book,
        errors=checked.count(Severity.ERROR),
        warnings=checked.count(Severity.WARNING),
        checked=True,
        mistakes=mistakes(checked),
    )
    try:
        runbook = load(path).runbook
    except GonogoError:
        return found
    return replace(found, title=runbook.title, inventory=runbook.inventory is not None)


def _do(words: tuple[str, ...]) -> None:
    """Do what was chosen, as if it had been typed; come back when it is over."""
    code = _rehearse(Path(words[1])) if words[0] == "rehearse" else _gonogo(*words)
    if words[0] in _STAYS or code not in (0, 1, _LEFT):
        _wait_for_enter()


def _wait_for_enter() -> None:
    click.prompt("enter goes back", default="", show_default=False, prompt_suffix=" ")


def _gonogo(*words: str) -> int:
    """Run this program in a process of its own: what it loads and leaves behind is gone with it."""
    return subprocess.run([sys.executable, "-P", "-m", "gonogo", *words], check=False).returncode


def _rehearse(runbook: Path) -> int:
    """Run a runbook on simulated hosts that are called as its own are; they wait for who leaves the run."""
    from gonogo.executors.lab import start
    from gonogo.format.load import load
    from gonogo.hosts.program import cloud_of, named_by

    try:
        inventory = load(runbook).runbook.inventory
        own = named_by(str(runbook), inventory or "")
        scenario = (runbook if cloud_of(own) is not None else own).parent / "lab.yaml"
        click.echo("starting simulated hosts on loopback", err=True)
        lab = start(own, scenario if scenario.is_file() else None, passing=True)
    except GonogoError as error:
        click.echo(f"error: {error}", err=True)
        return error.exit_code
    code = _gonogo("run", str(runbook), "-i", str(lab.inventory))
    if code == _LEFT:
        lab.release()
        click.echo(f"the rehearsal waits, and its hosts stay up for it; `kill {lab.pid}` ends them")
        _wait_for_enter()
    else:
        lab.stop()
    return code
