"""Regular expressions over names. A runbook's may be made to take forever, so such ones get little time."""

from __future__ import annotations

import json
import re
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from gonogo import bounded

from .names import Refused, brief

SECONDS = 5
_PRINTED_LIMIT = 64 << 20
_REPEATS = re.compile(r"[*+?{]")
_ALL = """\
import json, re, sys
with open(sys.argv[1]) as file:
    text, names = json.load(file)
match = re.compile(text).match
print(json.dumps([name for name in names if match(name)]))
"""


def matching(text: str, names: Sequence[str]) -> list[str]:
    """Return the names whose beginning a regular expression matches; raise Refused."""
    pattern = _compiled(text)
    # Without groups and with two repeats the work grows with the square of a name's 255 letters at most.
    if "(" not in text and "|" not in text and len(_REPEATS.findall(text)) <= 2:
        return [name for name in names if pattern.match(name)]
    return _in_time(text, names)


def _in_time(text: str, names: Sequence[str]) -> list[str]:
    """Match in a process of its own, for nothing else can stop a match that has begun."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="gonogo-match-") as folder:
        asked = Path(folder) / "asked"
        asked.write_text(json.dumps([text, list(names)]))
        words = [sys.executable, "-I", "-S", "-c", _ALL, str(asked)]
        ran = bounded.run(words, seconds=SECONDS, limit=_PRINTED_LIMIT)
    if ran.code or len(ran.output) > _PRINTED_LIMIT:
        why = f"takes longer than {SECONDS} s" if ran.late else "takes too much memory"
        what = f"the regular expression {brief(text)!r} {why}"
        raise Refused(what, "Write it without repeats inside of repeats.")
    found: list[str] = json.loads(ran.output)
    return found


def _compiled(text: str) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            # Python's advice on `[[` is for programmers.
            warnings.simplefilter("ignore")
            return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise Refused(
            f"{brief(text)!r} is no regular expression: {error}", "Mend it after the `~`."
        ) from None
