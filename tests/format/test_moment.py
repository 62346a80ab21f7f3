"""Moments as they are told to people."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gonogo.format.moment import clock_time
from tests.zone import in_zone

DAY = 86_400 * 10**9


@pytest.fixture(autouse=True)
def _east() -> Iterator[None]:
    with in_zone("XST-2"):
        yield


@pytest.mark.parametrize(
    ("then", "ns", "told"),
    [
        ("2026-11-21T20:30:00Z", 0, "22:30"),
        ("2026-11-21T23:30:00+05:00", 0, "20:30"),
        ("2026-11-21T22:30:00Z", 0, "22 Nov 00:30"),
        ("2026-11-21T22:30:00Z", DAY, "00:30"),
        ("2027-01-02T03:00:00Z", 0, "02 Jan 2027 05:00"),
        ("tomorrow\x1b[2J", 0, "tomorrow^[[2J"),
        ("9999-12-31T23:59:59Z", 0, "9999-12-31T23:59:59Z"),
    ],
)
def test_a_moment_is_told_on_the_local_clock(then: str, ns: int, told: str) -> None:
    """Its day and year are told where they are not today's; what is no moment stays as it is, cleaned."""
    assert clock_time(then, "2026-11-21T12:00:00.000000Z", ns) == told
