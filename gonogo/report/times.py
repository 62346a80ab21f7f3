"""Times for people: the local clock, with its zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gonogo.text import clean_line

if TYPE_CHECKING:
    # 11 ms to load, which a plain screen has no use for.
    from .summary import When


def moment(utc: str) -> datetime | None:
    """Return a record's wall clock as local time; None for what is no time."""
    try:
        return datetime.strptime(utc, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC).astimezone()
    except (ValueError, OverflowError):
        return None


def day_and_time(utc: str) -> str:
    """Return `2026-11-20 17:00:05 CET`."""
    found = moment(utc)
    return f"{found:%Y-%m-%d %H:%M:%S %Z}" if found else clean_line(utc)


def clock_of(utc: str) -> str:
    """Return `17:00:05`."""
    found = moment(utc)
    return f"{found:%H:%M:%S}" if found else clean_line(utc)[11:19]


def clock(when: When) -> str:
    """Return `17:00:05`; `21 Nov 02:00:05` on another day than the run began."""
    found = moment(when.utc)
    if found is None:
        return clock_of(when.utc)
    try:
        began = found - timedelta(microseconds=when.ns // 1000)
    except OverflowError:
        return clock_of(when.utc)
    return f"{found:%H:%M:%S}" if began.date() == found.date() else f"{found:%d %b %H:%M:%S}"


def zone(when: When) -> str:
    """Return the local zone's name at a moment."""
    found = moment(when.utc)
    return f"{found:%Z}" if found else "UTC"
