"""A wall-clock time as people write it in a runbook, and as it is told to them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from gonogo.text import clean_line

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])\Z")


def moment(text: str, now: datetime) -> datetime:
    """Return the time that `22:30` or `2026-11-21T22:30[+01:00]` means, with its zone.

    A bare clock time is the next such one after `now`; without an offset it is in `now`'s zone. Raise
    ValueError for anything else.
    """
    if match := _CLOCK.fullmatch(text.strip()):
        found = now.replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
        return found if found > now else found + timedelta(days=1)
    try:
        if ":" not in text:
            raise ValueError
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is no time: write 22:30 or 2026-11-21T22:30+01:00") from None
    return found if found.tzinfo else found.replace(tzinfo=now.tzinfo)


def clock_time(then: str, began: str, ns: int = 0) -> str:
    """Return an RFC 3339 moment on the local clock: `22:30`, and its day where that is not today's.

    Today is the local day so many nanoseconds after `began`.
    """
    try:
        found = datetime.fromisoformat(then).astimezone()
        today = datetime.fromisoformat(began).astimezone() + timedelta(microseconds=ns // 1000)
    except (ValueError, OverflowError):
        return clean_line(then)
    if found.date() == today.date():
        return f"{found:%H:%M}"
    return f"{found:%d %b %H:%M}" if found.year == today.year else f"{found:%d %b %Y %H:%M}"
