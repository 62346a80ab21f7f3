"""What is known of a run's monitors: their latest samples, the whole course in few buckets, where they stand.

Plain values that the fold makes of `monitor.sample` and `monitor.change`; each is replaced, never changed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from gonogo.format.model import Limits

RECENT = 600
"""Latest samples that are kept one by one."""
BUCKETS = 600
"""Buckets of the whole course; when they are full, each two become one."""
CALM = 2
"""Samples in a row that must be better before a monitor stands better; it stands worse with the first."""


class Level(StrEnum):
    """What a sample, or a monitor, comes to."""

    OK = "ok"
    WARN = "warn"
    ALARM = "alarm"
    FAILING = "failing"
    """There is no number: the command failed, its host cannot be reached, or it printed none."""


RANK = {Level.OK: 0, Level.WARN: 1, Level.ALARM: 2, Level.FAILING: 3}
"""Which level is worse."""


class Sample(Struct, frozen=True):
    """One look."""

    at: int
    """Nanoseconds since the run began."""
    value: float | None
    """None: there is no number."""
    level: Level
    why: str = ""
    """Which hosts gave no number, and why; cleaned."""
    host: str = ""
    """Whose number it is, where the highest or lowest of several counts."""


class Bucket(Struct, frozen=True):
    """Some samples in a row. Without a number among them `least` and `most` are None."""

    begin: int
    end: int
    """Times of its first and last sample: nanoseconds since the run began."""
    least: float | None
    most: float | None
    level: Level
    """The worst of them."""
    count: int = 1

    @staticmethod
    def of(sample: Sample) -> Bucket:
        """Return the bucket of one sample."""
        return Bucket(sample.at, sample.at, sample.value, sample.value, sample.level)

    def with_(self, other: Bucket) -> Bucket:
        """Return both in one; `other` is the later one."""
        least = [one for one in (self.least, other.least) if one is not None]
        most = [one for one in (self.most, other.most) if one is not None]
        return Bucket(
            self.begin,
            other.end,
            min(least, default=None),
            max(most, default=None),
            max(self.level, other.level, key=RANK.__getitem__),
            self.count + other.count,
        )


class Series(Struct, frozen=True):
    """A monitor's course so far, in bounded memory however long the run is."""

    recent: tuple[Sample, ...] = ()
    """The latest samples, the last one last; at most RECENT."""
    buckets: tuple[Bucket, ...] = ()
    """The whole course, at most BUCKETS; all but the last hold `stride` samples each."""
    stride: int = 1
    count: int = 0
    """Samples so far."""
    failing: int = 0
    """Those without a number."""
    level: Level = Level.OK
    """Where it stands, as it was told when it last changed."""
    since: int = 0
    """Since when: nanoseconds since the run began."""
    rang: int = 0
    """How often it came to stand worse."""

    @property
    def last(self) -> Sample | None:
        """The latest sample."""
        return self.recent[-1] if self.recent else None

    @property
    def least(self) -> float | None:
        """The lowest number so far."""
        return min((one.least for one in self.buckets if one.least is not None), default=None)

    @property
    def most(self) -> float | None:
        """The highest number so far."""
        return max((one.most for one in self.buckets if one.most is not None), default=None)

    def sampled(self, sample: Sample) -> Series:
        """Return the series with one more sample."""
        buckets, stride = self.buckets, self.stride
        if not buckets or buckets[-1].count >= stride:
            if len(buckets) >= BUCKETS:
                buckets = tuple(a.with_(b) for a, b in zip(buckets[::2], buckets[1::2], strict=True))
                stride *= 2
            buckets = (*buckets, Bucket.of(sample))
        else:
            buckets = (*buckets[:-1], buckets[-1].with_(Bucket.of(sample)))
        return replace(
            self,
            recent=(*self.recent[-RECENT + 1 :], sample),
            buckets=buckets,
            stride=stride,
            count=self.count + 1,
            failing=self.failing + (sample.value is None),
        )

    def changed(self, level: Level, at: int) -> Series:
        """Return the series standing at another level."""
        worse = RANK[level] > RANK[self.level]
        return replace(self, level=level, since=at, rang=self.rang + worse)

    def crossing(self) -> Level | None:
        """Return the level that it comes to stand at with its last sample, or None where it stays.

        Worse at once; better after CALM better samples in a row, and then as bad as the worst of them.
        """
        latest = [one.level for one in self.recent[-CALM:]]
        if not latest:
            return None
        if RANK[latest[-1]] > RANK[self.level]:
            return latest[-1]
        calm = max(latest, key=RANK.__getitem__)
        return calm if len(latest) == CALM and RANK[calm] < RANK[self.level] else None


def level_of(value: float, limits: Limits) -> Level:
    """Return what a number comes to."""
    for level, above, below in (
        (Level.ALARM, limits.alarm_above, limits.alarm_below),
        (Level.WARN, limits.warn_above, limits.warn_below),
    ):
        if (above is not None and value > above) or (below is not None and value < below):
            return level
    return Level.OK


def thresholds(limits: Limits) -> list[tuple[float, str, Level]]:
    """Return each limit that is set, with its words and what is beyond it, from the top down."""
    found = (
        (limits.alarm_above, "alarm above", Level.ALARM),
        (limits.warn_above, "warns above", Level.WARN),
        (limits.warn_below, "warns below", Level.WARN),
        (limits.alarm_below, "alarm below", Level.ALARM),
    )
    return [(value, words, level) for value, words, level in found if value is not None]
