"""Times for people: the local clock with its zone, from the UTC of a record."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gonogo.report.scale import Scale
from gonogo.report.summary import When
from gonogo.report.times import clock, day_and_time, zone
from tests.zone import in_zone


@pytest.fixture
def zurich() -> Iterator[None]:
    """The machine's zone is Zurich's."""
    with in_zone("Europe/Zurich"):
        yield


def test_winter_and_summer_have_their_zone(zurich: None) -> None:
    """A run over the change of the clocks shows each moment as the wall clock did."""
    assert day_and_time("2026-11-20T16:00:05.000000Z") == "2026-11-20 17:00:05 CET"
    assert (clock(When(0, "2026-07-20T16:00:05.5Z")), zone(When(0, "2026-07-20T16:00:05.5Z"))) == (
        "18:00:05",
        "CEST",
    )


def test_another_day_than_the_first_is_named(zurich: None) -> None:
    """A run over midnight shows which night it was; before midnight only the clock."""
    hour = 3600 * 10**9
    assert clock(When(hour, "2026-11-20T22:30:00.000000Z")) == "23:30:00"
    assert clock(When(2 * hour, "2026-11-20T23:30:00.000000Z")) == "21 Nov 00:30:00"


@pytest.mark.parametrize("text", ["", "2026-99-99T99:99:99.000000Z", "0000-00-00T00:00:00.000000Z", "x\x1b"])
def test_a_record_with_an_impossible_time_is_no_traceback(text: str) -> None:
    """It is shown as it stands, cleaned."""
    assert "\x1b" not in day_and_time(text) + clock(When(0, text)) + zone(When(0, text))


def test_a_long_pause_is_drawn_shorter_and_said(zurich: None) -> None:
    """Six hours of waiting between two minutes of work take a fifth of the width at most."""
    minute = 60 * 10**9
    night = 360 * minute
    scale = Scale([night + 2 * minute], [(0, minute), (night + minute, night + 2 * minute)])
    (pause,) = scale.breaks()
    assert pause.taken == night
    assert pause.width < 25
    assert [round(scale.at(ns)) for ns in (0, night + 2 * minute)] == [0, 100]
    assert scale.moment(scale.at(minute // 2)) == pytest.approx(minute // 2, rel=0.01)


def test_long_work_is_no_pause() -> None:
    """However long a step ran, it keeps its share of the width."""
    hour = 3600 * 10**9
    assert list(Scale([9 * hour], [(0, 8 * hour), (8 * hour, 9 * hour)]).breaks()) == []


def test_an_axis_without_moments_is_flat() -> None:
    """A run of one record has nothing to draw, and no division by zero."""
    assert Scale([], []).at(5) == 0.0
    assert Scale([], []).moment(50) == 0
