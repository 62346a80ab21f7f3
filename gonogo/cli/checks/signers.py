"""The file of who may sign and approve: whether it can be read, and has everybody whom the roles name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gonogo.errors import GonogoError
from gonogo.format.checks.source import Source
from gonogo.format.model import Problem, Runbook, Severity
from gonogo.text import clean_line

_SHOWN = 20
_NAME_IT = "Name OpenSSH's file of them in the front matter (allowed-signers: FILE), or when you run it."


def check_signers(runbook: Runbook, source: Source) -> Iterator[Problem]:
    """Yield what is wrong with `allowed-signers` and with the people of `roles`."""
    if runbook.allowed_signers is None:
        yield from _nobody(runbook, source)
        return
    from gonogo.trail.signers import load_signers, matches

    place = source.front(runbook.path, "allowed-signers")
    try:
        signers = load_signers(Path(runbook.path).parent / runbook.allowed_signers)
    except GonogoError as error:
        yield Problem(place, Severity.ERROR, "signers", error.what, error.mend)
        return
    for text in signers.problems[:_SHOWN]:
        yield Problem(place, Severity.WARNING, "signers", clean_line(text), "Mend that line, or take it out.")
    roles = source.front(runbook.path, "roles")
    for role, people in runbook.roles:
        for person in people:
            if not any(matches(person, entry.principals) for entry in signers.entries):
                message = (
                    f"{clean_line(person)} has the role {clean_line(role)} and no key in allowed-signers"
                )
                mend = "Add a line with the key, or mend the name."
                yield Problem(
                    source.near(roles, person), Severity.WARNING, "unknown-signer", message, mend, len(person)
                )


def _nobody(runbook: Runbook, source: Source) -> Iterator[Problem]:
    severity = Severity.ERROR if runbook.ours else Severity.WARNING
    for above, step in runbook.steps():
        if step.options.gate == "approve":
            place = source.key(step, above, "gate")
            message = "gate=approve, but nothing says whose signatures count"
            yield Problem(place, severity, "no-signers", message, _NAME_IT)
