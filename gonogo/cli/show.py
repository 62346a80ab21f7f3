"""`gonogo show FILE`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from gonogo.errors import GonogoError, RunbookError, UsageError
from gonogo.format.duration import duration_text
from gonogo.format.load import load
from gonogo.format.mdwrite import spelled
from gonogo.format.model import Options, Runbook, Severity, Step
from gonogo.format.spell_md import own_words, words_of
from gonogo.format.spell_yaml import own_keys
from gonogo.hosts.model import Inventory
from gonogo.text import clean, clean_line, many

from . import options
from .sources import load_hosts, names_cloud, report
from .spell import spell
from .steplist import as_object, unreadable


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@options.inventories
@options.as_json
@click.option("--to", type=click.Choice(["md", "yaml"]), help="Print it as a Markdown or YAML runbook.")
@click.option(
    "--plan", is_flag=True, help="Print its plan: hosts and batches, and how long earlier runs took."
)
@options.inputs
def command(
    file: Path,
    inventories: tuple[Path, ...],
    as_json: bool,
    to: str | None,
    *,
    plan: bool,
    inputs: tuple[str, ...],
) -> None:
    """Print what the runbook FILE would do, step by step, and on which hosts. Runs nothing."""
    if (as_json or plan) and to is not None:
        raise UsageError("--to asks for another form than --json and --plan", "Take one of them out.")
    if plan:
        from .forecast import Forecast

        forecast = Forecast(file, inventories, inputs)
        for line in [json.dumps(forecast.as_object(), indent=1)] if as_json else forecast.lines():
            click.echo(line)
        return
    try:
        loaded = load(file)
    except RunbookError:
        if not as_json:
            raise
        click.echo(json.dumps(unreadable(file), indent=1))
        sys.exit(2)
    if to is not None:
        spell(loaded, to)
    elif as_json:
        click.echo(json.dumps(as_object(loaded), indent=1))
    else:
        report(loaded.problems)
        for line in _lines(loaded.runbook, _hosts(loaded.runbook, inventories)):
            click.echo(line)
    sys.exit(2 if any(problem.severity is Severity.ERROR for problem in loaded.problems) else 0)


def _hosts(runbook: Runbook, inventories: tuple[Path, ...]) -> Inventory | None:
    if not inventories and names_cloud(runbook):
        return None
    try:
        return load_hosts(runbook, inventories)
    except GonogoError as error:
        click.echo(f"error: {error}", err=True)
        return None


def _lines(runbook: Runbook, inventory: Inventory | None) -> Iterator[str]:
    yield clean_line(runbook.title)
    shown: tuple[str, ...] = ()
    for number, (above, step) in enumerate(runbook.steps(), 1):
        titles = tuple(section.title for section in above)
        for depth, section in enumerate(above):
            if shown[: depth + 1] != titles[: depth + 1]:
                rolling = f"  (rolls: {','.join(section.rolling.batch)})" if section.rolling else ""
                yield f"\n{'  ' * depth}{clean_line(section.title)}{rolling}"
        shown = titles
        yield from _step_lines(number, step, inventory)
    yield from _looking_lines(runbook, inventory)
    if runbook.not_run:
        yield "\nCode blocks that are no step"
    for one in runbook.not_run:
        where = f"{one.file}:{one.line}" if one.file else f"line {one.line}"
        language = f"  {one.language}" if one.language else ""
        yield f"  {clean_line(where)}{language}: {one.reason}"


def _looking_lines(runbook: Runbook, inventory: Inventory | None) -> Iterator[str]:
    """Yield the monitors, and what the test plan consists of."""
    if runbook.monitors:
        yield "\nMonitors"
    for one in runbook.monitors:
        words = clean_line(", ".join(f"{key} {value}" for key, value in own_keys(one).items()))
        where = one.step.options.hosts
        on = f" on {_where(where, inventory)}" if where is not None else ""
        every = duration_text(one.step.options.every or 0.0)
        yield f"{'':5}{clean_line(one.name)}: every {every}{on}{f'; {words}' if words else ''}"
        text = one.step.script.text if one.step.script else ""
        yield from (f"{'':12} | {line}" for line in clean(text).split("\n"))
    if tests := [clean_line(step.id) for _, step in runbook.tests()]:
        yield f"\nTest plan, at any gate: {', '.join(tests)}"


def _step_lines(number: int, step: Step, inventory: Inventory | None) -> Iterator[str]:
    options = step.options
    mark = "test" if step.test else "reads" if options.read_only else step.kind.value
    yield f"{number:4} {mark:7} {clean_line(step.title)}  [{clean_line(step.id)}]"
    if options.hosts is not None:
        yield f"{'':13}on {_where(options.hosts, inventory)}"
    if words := _attributes(options):
        yield f"{'':13}{words}"
    for name, script in (("", step.script), ("check", step.check), ("rollback", step.rollback)):
        if script is not None:
            if name and (words := spelled(own_words(script))):
                yield f"{name:>12} {words}"
            yield from (f"{name:>12} | {line}" for line in clean(script.text).split("\n"))


def _attributes(options: Options) -> str:
    """Return what else a step asks for, as a runbook writes it."""
    words = words_of(options, Options())
    return clean_line(spelled({key: words[key] for key in words if key not in ("hosts", "read-only")}))


def _where(pattern: str, inventory: Inventory | None) -> str:
    from gonogo.hosts import fold, resolve

    if inventory is None or "$" in pattern:
        return clean_line(pattern)
    try:
        names = resolve(pattern, inventory)
    except GonogoError as error:
        return f"{clean_line(pattern)}: {clean_line(error.what)}"
    return f"{clean_line(pattern)}: {many(len(names))}, {clean_line(fold(names))}"
