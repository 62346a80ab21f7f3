"""Judging one host's exit: what the step expects against what happened. Pure."""

from __future__ import annotations

import difflib
import re

from gonogo.format.model import Options, Verdict
from gonogo.patience import TooSlow, patiently
from gonogo.text import clean_bytes, clean_line

from .ports import Ended, Exit
from .words import HostState, Phase

JUDGED = 1 << 20
"""Bytes of one host's stdout that are kept in memory while they have to be compared or matched."""
_STATES = {
    Verdict.OK: HostState.OK,
    Verdict.WARN: HostState.WARN,
    Verdict.AGAIN: HostState.AGAIN,
    Verdict.FAIL: HostState.FAILED,
    Verdict.STOP: HostState.FAILED,
}
_ENDS = {
    Ended.SIGNAL: HostState.FAILED,
    Ended.TIMEOUT: HostState.FAILED,
    Ended.CANCELLED: HostState.CANCELLED,
    Ended.LOST: HostState.LOST,
    Ended.UNREACHABLE: HostState.UNREACHABLE,
    Ended.HELD: HostState.PENDING,
}


def judge(
    options: Options, phase: Phase, end: Exit, stdout: bytes, baseline: bytes | None
) -> tuple[HostState, str]:
    """Return the host's state and why it is not ok.

    `stdout` is needed for what the step expects of it, up to one byte more than JUDGED. `baseline` is the
    capture for `same-as`.
    """
    if end.how is not Ended.EXIT:
        why = end.reason or (f"ended by signal {end.signal}" if end.signal else end.how.value)
        return _ENDS[end.how], why
    if phase is not Phase.RUN:
        state = HostState.ROLLED_BACK if phase is Phase.ROLLBACK else HostState.OK
        return (state, "") if end.code == 0 else (HostState.FAILED, f"{phase.value}: exit code {end.code}")
    verdict = _verdict(options, end)
    if _STATES[verdict] in (HostState.FAILED, HostState.AGAIN):
        return _STATES[verdict], f"exit code {end.code}"
    why = _against_expectation(options, stdout, baseline)
    if why:
        return HostState.FAILED, why
    return _STATES[verdict], f"exit code {end.code}" if verdict is Verdict.WARN else ""


def ends_the_run(options: Options, phase: Phase, end: Exit) -> bool:
    """Return whether the step's `exit` map says that this exit code stops everything."""
    return phase is Phase.RUN and end.how is Ended.EXIT and _verdict(options, end) is Verdict.STOP


def _verdict(options: Options, end: Exit) -> Verdict:
    return dict(options.exit_map).get(end.code or 0, Verdict.OK if end.code == 0 else Verdict.FAIL)


def _against_expectation(options: Options, stdout: bytes, baseline: bytes | None) -> str:
    if len(stdout) > JUDGED and (options.expect or options.expect_not or options.same_as):
        return f"stdout is longer than {JUDGED >> 20} MiB: it cannot be judged"
    text = stdout.decode("utf-8", "backslashreplace")
    try:
        if options.expect is not None and not _found(options.expect, text):
            return f"stdout does not match expect={clean_line(options.expect)}"
        if options.expect_not is not None and _found(options.expect_not, text):
            return f"stdout matches expect-not={clean_line(options.expect_not)}"
    except TooSlow:
        return "matching its stdout took too long: it cannot be judged"
    if options.same_as is None:
        return ""
    if baseline is None:
        return f"there is no capture {options.same_as!r} to compare with"
    if stdout.rstrip() == baseline.rstrip():
        return ""
    return f"stdout differs from {options.same_as}: {difference(baseline, stdout)}"


def _found(pattern: str, text: str) -> bool:
    return patiently(lambda: re.search(pattern, text, re.MULTILINE)) is not None


def difference(before: bytes, after: bytes, limit: int = 6) -> str:
    """Return the lines that differ, on one line: `-gone +new`, `limit` of them at most."""
    old, new = clean_bytes(before).splitlines(), clean_bytes(after).splitlines()
    try:
        lines = patiently(lambda: list(difflib.unified_diff(old, new, lineterm="", n=0)))
    except TooSlow:
        return f"{len(new)} lines instead of {len(old)}, too many to compare one by one"
    found = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    more = f" and {len(found) - limit} more" if len(found) > limit else ""
    return ", ".join(found[:limit]) + more
