"""Homes for the eye and for tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from gonogo.tui.shelf import Book, Ran, today

from .hostile import ALL, STRINGS


class Full:
    """Three runs that are not over, three runbooks, and a past."""

    place = "/home/alice/runbooks"

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now or today()

    def _ran(self, hours: float, title: str, status: str, waits_for: str = "", **more: object) -> Ran:
        began = self._now - timedelta(hours=hours, minutes=1)
        name = f"{began:%Y%m%dT%H%M%SZ}-{title.lower().replace(',', '').replace(' ', '-')}"
        path = f"{self.place}/{title.lower().split(',')[0]}.md"
        given = {"hosts": 40, "seconds": min(hours, 3) * 2520, "runbook": path, **more}
        return Ran(name, f"/runs/{name}", title, status, waits_for, "alice@desk", began, **given)  # type: ignore[arg-type]

    def runs(self) -> list[Ran]:
        past = [
            self._ran(24.0 * day, title, status)
            for day, title, status in (
                (40, "Ceph, Reef to Squid", "aborted"),
                (30, "Nova, Grizzly to Havana", "no-go"),
                (9, "Keystone, keys turned", "go"),
                (2, "Nova, Grizzly to Havana", "go"),
            )
        ]
        return [
            *past,
            self._ran(20, "Keystone, keys turned", "paused"),
            self._ran(3, "Nova, Grizzly to Havana", "waiting", "Update the packages on 40 hosts", live=True),
            self._ran(0.4, "Ceph, Reef to Squid", "running", live=True),
        ]

    def books(self) -> Iterator[list[Book]]:
        def book(name: str, title: str, errors: int = 0, warnings: int = 0) -> Book:
            return Book(f"{self.place}/{name}", name, title, errors, warnings, checked=True, inventory=True)

        yield [
            book("nova.md", "Nova, Grizzly to Havana"),
            book("keystone.md", "Keystone, keys turned", warnings=2),
            book("ceph.md", "Ceph, Reef to Squid", errors=1, warnings=3),
            book("galera.yaml", "Galera, a node at a time"),
        ]


class Empty:
    """Nothing is there."""

    place = "/home/alice"

    def runs(self) -> list[Ran]:
        return []

    def books(self) -> Iterator[list[Book]]:
        yield []


class Hostile:
    """Every word is from somebody who means harm."""

    place = ALL

    def runs(self) -> list[Ran]:
        began = datetime(2026, 11, 20, tzinfo=UTC)
        return [
            Ran(text, "/runs/x", ALL, status, ALL, ALL, began, runbook=ALL, live=True)
            for text, status in zip(STRINGS, ("waiting", "go", *STRINGS), strict=False)
        ]

    def books(self) -> Iterator[list[Book]]:
        yield [Book(text, ALL, ALL, 1) for text in STRINGS]
