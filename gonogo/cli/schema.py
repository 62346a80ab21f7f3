"""`gonogo schema`."""

from __future__ import annotations

import json

import click


@click.command()
def command() -> None:
    """Print the JSON Schema of a runbook in YAML, for editors."""
    from gonogo.format.schema import schema

    click.echo(json.dumps(schema(), indent=2, ensure_ascii=False))
