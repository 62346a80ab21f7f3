"""How searches for garbage stay short and seldom."""

from __future__ import annotations

import gc

SELDOM = 10_000
"""New objects between two searches of a process that works: some 2 MB."""
SHORT = 2_000
"""The same where keys wait meanwhile: 1 ms each time, where 10,000 take 4 ms, and now and then 17 ms."""


def spare(every: int = SHORT) -> None:
    """Leave all that is there by now out of every search: it stays until the process ends.

    One that looks at a loaded screen's half a million objects keeps the keys waiting for 50 to 100 ms.
    """
    gc.freeze()
    gc.set_threshold(every, 10, 10)
