"""`gonogo new [FILE]` and `gonogo new --repo DIR`."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import click
from msgspec import Struct

from gonogo.errors import GonogoError, InventoryError, UsageError
from gonogo.format.model import Severity
from gonogo.hosts.model import Inventory
from gonogo.text import clean_line

EXAMPLE = "inventory.ini"
_YAML, _MARKDOWN = (".yaml", ".yml"), (".md", ".markdown")
_BATCH = "1,10,100%"
_FIRST = "First change"
_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._-]{0,99}")


class Wish(Struct, frozen=True):
    """What the command line says; None where it says nothing."""

    file: Path | None
    repo: Path | None
    origin: str | None
    title: str | None
    hosts: str | None
    batch: str | None
    service: str | None
    inventory: Path | None
    yaml: bool
    ask: bool


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--repo",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Write a repository of runbooks: a runbook, inventory, hooks, CI, owners, signers, README.",
)
@click.option(
    "--origin",
    metavar="URL",
    help="With --repo: the git repository that CI gets gonogo from. Default: as it was installed.",
)
@click.option("--title", help="What the change is called. Default: the file's name, in words.")
@click.option("--hosts", metavar="PATTERN", help="Group or pattern of the hosts that are changed.")
@click.option("--batch", metavar="SIZES", help=f"How the change rolls over the hosts. Default: {_BATCH}.")
@click.option("--service", metavar="UNIT", help="A systemd unit that is down during the work. Default: none.")
@click.option(
    "-i",
    "--inventory",
    type=click.Path(path_type=Path),
    help=f"The inventory of the runbook. Default: {EXAMPLE} beside it, written with examples if not there.",
)
@click.option("--yaml", is_flag=True, help="YAML instead of Markdown, where no FILE says which.")
@click.option("--defaults", is_flag=True, help="Ask nothing: take the default of what is not given.")
def command(defaults: bool, **given: object) -> None:
    """Write a new runbook to FILE, Markdown or YAML by its ending, that `gonogo check` accepts.

    With --repo it is written into the folder DIR, with all that a repository of runbooks has around it.

    In a terminal, what no option says is asked for. Nothing is ever overwritten.
    """
    wish = Wish(ask=not defaults and sys.stdin.isatty() and sys.stdout.isatty(), **given)  # type: ignore[arg-type]
    file = _new(wish) if wish.repo is None else _repository(wish, wish.repo)
    name = clean_line(shlex.quote(str(file)))
    click.echo(f"find mistakes:  gonogo check {name}\nsee its steps:  gonogo show {name}")
    click.echo(f"start it:       gonogo run {name}")


def _new(wish: Wish) -> Path:
    if wish.origin is not None:
        raise UsageError("--origin without --repo", "A runbook by itself gets gonogo from nowhere.")
    file, inventory, files = _drafted(wish)
    _tell(_write(file, files, inventory))
    return file


def _tell(written: list[Path]) -> None:
    for path in written:
        click.echo(f"wrote {clean_line(str(path))}")


def _repository(wish: Wish, folder: Path) -> Path:
    from .template import PLACEHOLDER, folders, refuse, source, texts

    if wish.file is not None:
        raise UsageError("FILE and --repo ask for two things", "In a repository the title names the file.")
    refuse(folder)
    origin = source(wish.origin)
    file, inventory, files = _drafted(wish)
    files |= texts(folder, file.name, _from(folder, inventory), origin)
    with folders(files):
        written = _write(file, files, inventory)
    _tell(written)
    if wish.origin is None and origin.address == PLACEHOLDER:
        click.echo("Not known: where gonogo comes from. Write it into the workflow.")
    return file


def _drafted(wish: Wish) -> tuple[Path, Path, dict[Path, bytes]]:
    """Return the runbook's path, the inventory's, and what is to be written of the two."""
    from .draft import Draft, file_name, inventory_text, runbook_text

    if wish.file is not None:
        _refuse(wish.file, yaml=wish.yaml)
    default = _titled(wish.file) if wish.repo is None else _FIRST
    title = _answer(wish, wish.title, "What is the change called?", default, _title)
    file = wish.file or (wish.repo or Path()) / file_name(title, yaml=wish.yaml)
    _refuse(file, yaml=wish.yaml)
    path, inventory = _inventory(wish, file)
    hosts = _hosts(wish, inventory)
    batch = _answer(wish, wish.batch, "In batches of (hosts or %)?", _BATCH, _sizes)
    service = _answer(wish, wish.service, "Which systemd unit is down meanwhile (- for none)?", "-", _unit)
    example = inventory_text(hosts).encode() if inventory is None else None
    draft = Draft(title, hosts, batch, service, _from(file.parent, path))
    text = runbook_text(draft, yaml=_is_yaml(file))
    files = {path: example} if example is not None else {}
    files[file] = text.encode()
    return file, path, files


def _refuse(file: Path, *, yaml: bool) -> None:
    """Raise UsageError for a file that is there, or whose ending tells no spelling."""
    shown = clean_line(str(file))
    if file.suffix.lower() not in (*_YAML, *_MARKDOWN):
        raise UsageError(f"{shown}: its ending tells no spelling", "End it in .md or .yaml.")
    if yaml and not _is_yaml(file):
        raise UsageError(f"--yaml, but {shown} ends as Markdown does", "End it in .yaml.")
    if os.path.lexists(file):
        raise UsageError(f"{shown} is there already, and nothing is overwritten", "Name another file.")


def _is_yaml(file: Path) -> bool:
    return file.suffix.lower() in _YAML


def _from(folder: Path, path: Path) -> str:
    """Return the way from a folder to a file; links are followed, as `..` behind one leads elsewhere."""
    if path.is_absolute():
        return str(path)
    return os.path.relpath(os.path.realpath(path.parent) + os.sep + path.name, os.path.realpath(folder))


def _titled(file: Path | None) -> str:
    return re.sub(r"[-_\s]+", " ", file.stem).strip().capitalize() if file else ""


def _inventory(wish: Wish, file: Path) -> tuple[Path, Inventory | None]:
    """Return the inventory's path, and what it holds; None when it is yet to be written."""
    from gonogo.hosts import load_inventory
    from gonogo.hosts.program import is_program
    from gonogo.hosts.tree import NeedsAnsible

    path = wish.inventory or file.parent / EXAMPLE
    if wish.inventory is None and not os.path.lexists(path):
        return path, None
    try:
        return path, load_inventory([path])
    except InventoryError as error:
        if not isinstance(error, NeedsAnsible) and not (path.is_file() and is_program(path)):
            raise
        mend = "Save what it gives as hosts.json (`ansible-inventory -i … --list`), and name that."
        raise UsageError(f"{error.what}: a runbook names only what runs nothing", mend) from None


def _hosts(wish: Wish, inventory: Inventory | None) -> str:
    groups = [name for name, hosts in inventory.groups.items() if hosts] if inventory else []
    own = [name for name in groups if name not in ("all", "ungrouped")]
    if inventory and wish.hosts is None and not wish.ask:
        known = clean_line(", ".join(own[:8]) or "all")
        raise UsageError("--hosts does not say which hosts are changed", f"The inventory has: {known}.")
    if own and wish.hosts is None:
        click.echo(f"Groups: {clean_line(', '.join(own[:20]))}{', …' if own[20:] else ''}")
    default = (own or ["all"])[0] if inventory else "web"
    return _answer(wish, wish.hosts, "Which hosts are changed?", default, _pattern(inventory))


def _answer(wish: Wish, given: str | None, question: str, default: str, accept: Callable[[str], str]) -> str:
    """Return what was given, or asked for, or the default; raise UsageError for what is not accepted."""
    if given is not None or not wish.ask:
        return accept(default if given is None else given)

    def judge(text: str) -> str:
        try:
            return accept(text)
        except GonogoError as error:
            raise click.UsageError(str(error)) from None

    answer: str = click.prompt(question, default=default or None, value_proc=judge)
    return answer


def _title(text: str) -> str:
    text = text.strip()
    if not text:
        raise UsageError("the change has no title", "Give --title, or a FILE.")
    if len(text) > 200 or clean_line(text) != text:
        raise UsageError("this is no title", "A title is one line of at most 200 characters, all visible.")
    return text


def _pattern(inventory: Inventory | None) -> Callable[[str], str]:
    def accept(text: str) -> str:
        from gonogo.hosts import resolve

        from .draft import inventory_text

        if inventory is not None:
            resolve(text, inventory)
        else:
            inventory_text(text)
        return text.strip()

    return accept


def _sizes(text: str) -> str:
    from gonogo.format.keys import batch

    try:
        return ",".join(batch(text))
    except ValueError as error:
        raise UsageError(
            f"no such batches: {clean_line(str(error))}", "One host first is a good start."
        ) from None


def _unit(text: str) -> str:
    text = text.strip()
    if text in ("", "-"):
        return ""
    if not _SERVICE.fullmatch(text):
        raise UsageError(f"{clean_line(text)!r} is no unit's name", "Write it as in nginx or app@1.service.")
    return text


def _write(file: Path, files: dict[Path, bytes], inventory: Path) -> list[Path]:
    """Write new files and check the runbook, all or none; raise UsageError."""
    written: list[Path] = []
    try:
        for path, data in files.items():
            with open(path, "xb") as new:
                written.append(path)
                new.write(data)
        _prove(file, inventory)
    except BaseException as error:
        for made in written:
            with contextlib.suppress(OSError):
                made.unlink()
        if isinstance(error, OSError):
            what = f"{clean_line(str(path))} cannot be written: {error.strerror or error}"
            raise UsageError(what, "Nothing was written.") from None
        raise
    return written


def _prove(file: Path, inventory: Path) -> None:
    """Raise UsageError when `gonogo check` finds anything in what was written."""
    from .checks.findings import check_file
    from .checks.hosts import Inventories

    found = check_file(file, Inventories([inventory])).problems
    if found:
        worst = min(found, key=lambda problem: problem.severity is not Severity.ERROR)
        raise UsageError(f"such a runbook would not pass `gonogo check`: {worst.message}", worst.mend)
