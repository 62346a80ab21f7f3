"""Values for a runbook's inputs: from the command line, the environment, or asked for."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

from gonogo.errors import UsageError
from gonogo.format.model import Input
from gonogo.run.plan import PlannedInput
from gonogo.trail.redact import SHORTEST


def gather(
    inputs: Sequence[Input], given: Sequence[str], *, ask: bool
) -> tuple[tuple[PlannedInput, ...], dict[str, str]]:
    """Return the inputs for the plan, and the secrets' values apart. Raise UsageError for a bad one."""
    values = _pairs(given)
    if unknown := set(values) - {one.name for one in inputs}:
        raise UsageError(f"the runbook has no input {', '.join(sorted(unknown))}")
    planned, secrets = [], {}
    for one in inputs:
        value = values.get(one.name, os.environ.get(f"GONOGO_INPUT_{one.name}"))
        if value is None:
            value = _asked(one) if ask else one.default
        if value is None:
            raise UsageError(
                f"the input {one.name!r} has no value",
                f"Give it with --input {one.name}=VALUE"
                + (f" or in the variable GONOGO_INPUT_{one.name}." if one.secret else "."),
            )
        _accept(one, value)
        if one.secret:
            secrets[one.name] = value
        planned.append(PlannedInput(one.name, None if one.secret else value, one.secret))
    return tuple(planned), secrets


def _pairs(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"--input {pair}: write NAME=VALUE")
        found[name] = value
    return found


def _asked(one: Input) -> str:
    text = one.prompt or one.name
    if one.choices:
        return str(click.prompt(text, type=click.Choice(one.choices), default=one.default))
    return str(click.prompt(text, default=one.default, hide_input=one.secret))


def _accept(one: Input, value: str) -> None:
    if one.choices and value not in one.choices:
        raise UsageError(f"the input {one.name!r} must be one of {', '.join(one.choices)}, not {value!r}")
    if "\0" in value:
        raise UsageError(f"the input {one.name!r} holds a NUL character")
    if one.secret and len(value) < SHORTEST:
        raise UsageError(
            f"the secret {one.name!r} has fewer than {SHORTEST} characters, so it cannot be masked in output"
        )
