"""The text of `gonogo show --to md|yaml`."""

from __future__ import annotations

import sys

import click

from gonogo.errors import RunbookError
from gonogo.format.load import Loaded
from gonogo.format.model import Severity
from gonogo.format.spell_md import to_markdown
from gonogo.format.spell_yaml import to_yaml
from gonogo.text import clean

from .sources import report


def spell(loaded: Loaded, to: str) -> None:
    """Print a runbook in the spelling `to`; raise RunbookError after it if that cannot hold everything.

    One with errors is not printed: what was not understood would be missing without a trace.
    """
    report(loaded.problems)
    if any(problem.severity is Severity.ERROR for problem in loaded.problems):
        raise RunbookError("a runbook with errors is not written anew", "Mend them first.")
    found = to_markdown(loaded.runbook) if to == "md" else to_yaml(loaded.runbook)
    # A file gets every byte; a terminal none that it would obey.
    text = clean(found.text) if sys.stdout.isatty() else found.text
    click.echo(text.encode("utf-8", "replace"), nl=False)
    if found.lost:
        what = "what is printed is not quite the same runbook: " + "; ".join(found.lost)
        raise RunbookError(what, "Compare these places with the original by hand.")
