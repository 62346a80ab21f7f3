"""A wall-clock time as people write it in a runbook."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

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
