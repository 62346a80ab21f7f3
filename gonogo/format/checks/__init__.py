"""Mistakes that show only in the whole: what is undefined, unfinished, unguarded or given away."""

from __future__ import annotations

from ..model import Problem, Runbook
from ..problems import Problems
from .commands import check_commands
from .course import check_course
from .gates import check_gates
from .looking import check_looking
from .secrets import check_secrets
from .syntax import check_syntax
from .unfilled import check_unfilled
from .variables import check_variables
from .whole import Whole


def check(runbook: Runbook) -> tuple[Problem, ...]:
    """Return what is wrong with a runbook as a whole. Hosts are not looked at here."""
    problems = Problems()
    whole = Whole(runbook, problems)
    for one in (
        check_variables,
        check_course,
        check_gates,
        check_looking,
        check_commands,
        check_unfilled,
        check_secrets,
        check_syntax,
    ):
        one(whole)
    return tuple(problems.found)
