"""Who must agree, and how long is waited: keys that mean something only beside others."""

from __future__ import annotations

from gonogo.text import clean_line

from ..model import Kind, Options, Severity, Verdict
from .whole import At, Whole

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING


def check_gates(whole: Whole) -> None:
    """Report approvals that cannot be given, and waiting that cannot end."""
    for at in whole.steps:
        if at[1].options.gate == "approve":
            _approval(whole, at)
        else:
            _approval_keys(whole, at)
        if at[1].kind is Kind.RUN:
            _polling(whole, at)
            _check_polling(whole, at)


def _approval(whole: Whole, at: At) -> None:
    runbook, options = whole.runbook, at[1].options
    people = dict(runbook.roles).get(options.role) if options.role else None
    if options.role and people is None:
        message = f"there is no role {clean_line(options.role)!r}"
        known = ", ".join(clean_line(role) for role, _ in runbook.roles)
        mend = f"The roles are {known}." if known else "Add `roles:` to the front matter."
        whole.at_key(at, "role", _ERROR, "unknown-role", message, mend)
    if people is not None and len(set(people)) < options.approvers:
        message = f"{options.approvers} must approve, and the role {options.role} has {len(set(people))}"
        key = "approvers" if options.approvers > 1 else "role"
        whole.at_key(at, key, _ERROR, "too-few-approvers", message, "Add people to the role.")


def _approval_keys(whole: Whole, at: At) -> None:
    options = at[1].options
    given = {"approvers": options.approvers != Options().approvers, "role": options.role is not None}
    for key in (key for key, is_given in given.items() if is_given):
        message = f"{key}= asks for signatures, but the gate is {options.gate or 'not approve'}"
        mend = f"Add gate=approve, or take {key}= out."
        whole.at_key(at, key, _ERROR, "no-approval", message, mend)


def _polling(whole: Whole, at: At) -> None:
    options = at[1].options
    if options.until and not options.read_only:
        message = "until repeats a command, and this one may change something each time"
        mend = "Add read-only, or make the change in a step and poll in its {check every=10s timeout=5m}."
        whole.at_key(at, "until", _ERROR, "until-changes", message, mend)
    if options.until and options.timeout is None:
        message, mend = "until without timeout= may repeat for ever", "Add timeout=."
        whole.at_key(at, "until", _WARNING, "no-deadline", message, mend)
    elif options.every and not options.until and Verdict.AGAIN not in dict(options.exit_map).values():
        message, mend = "every= says how often, but nothing is repeated", "Add until, or take every= out."
        whole.at_key(at, "every", _WARNING, "nothing-repeated", message, mend)


def _check_polling(whole: Whole, at: At) -> None:
    check = at[1].check
    if check is not None and check.place is not None and check.every and check.timeout is None:
        message = "the check is tried again until a timeout= that is not there"
        whole.problems.warn(check.place, "no-deadline", message, "Add timeout=.")
