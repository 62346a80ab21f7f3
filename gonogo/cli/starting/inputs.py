"""Values for a runbook's inputs: from the command line, the environment, or asked for."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Sequence

import click
from msgspec.structs import replace

from gonogo.errors import UsageError
from gonogo.format.model import Input
from gonogo.run.inputs import accept, offered
from gonogo.run.plan import PlannedInput

from ..questions import prompt


class Gathering:
    """Gives inputs their values. `ask`: a person sits there; `hosts` are the inventory's names."""

    def __init__(self, given: Sequence[str], hosts: Container[str], *, ask: bool) -> None:
        self._given = _pairs(given)
        self._hosts, self._ask = hosts, ask
        self.secrets: dict[str, str] = {}

    def known(self, names: Iterable[str]) -> None:
        """Raise UsageError when a value is given for an input that there is none of."""
        names = set(names)
        if unknown := sorted(set(self._given) - names):
            known = ", ".join(sorted(names))
            mend = f"It has: {known}." if known else "It has none: leave --input out."
            raise UsageError(f"the runbook has no input {', '.join(unknown)}", mend)

    def plan(self, one: Input) -> PlannedInput:
        """Return an input for the plan; a secret's value goes to `secrets` alone.

        One that is asked for when it is reached has no value yet, unless it was given. Raise UsageError when
        a value is missing or is not what the runbook wants.
        """
        wanted = PlannedInput(
            name=one.name,
            value=None,
            secret=one.secret,
            prompt=one.prompt,
            choices=one.choices,
            type=one.type,
            pattern=one.pattern,
            default=one.default,
            reached=one.ask == "reached",
        )
        value = self.value(wanted)
        if value is None:
            return wanted
        if one.secret:
            self.secrets[one.name] = value
        return replace(wanted, value=None if one.secret else value, reached=False)

    def value(self, wanted: PlannedInput, *, again: bool = False) -> str | None:
        """Return a value that fits; None when it is to be asked for at its gate. `again`: ask in any case."""
        value = self._given.get(wanted.name, os.environ.get(f"GONOGO_INPUT_{wanted.name}"))
        if value is None and wanted.reached and not again:
            return None
        if value is None and self._ask:
            return self._asked(wanted)
        if value is None:
            value = wanted.default
        if value is None:
            variable = f" or in the variable GONOGO_INPUT_{wanted.name}" if wanted.secret else ""
            raise UsageError(
                f"the input {wanted.name!r} has no value",
                f"Give it with --input {wanted.name}=VALUE{variable}.",
            )
        if why := accept(wanted, value, self._hosts):
            raise UsageError(why)
        return value

    def _asked(self, wanted: PlannedInput) -> str:
        def fits(value: str) -> str:
            if why := accept(wanted, value, self._hosts):
                raise click.UsageError(why)
            return value

        return prompt(
            wanted.prompt or wanted.name,
            default=wanted.default,
            secret=wanted.secret,
            choices=offered(wanted),
            fits=fits,
        )


def _pairs(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"--input {pair}: write NAME=VALUE")
        found[name] = value
    return found
