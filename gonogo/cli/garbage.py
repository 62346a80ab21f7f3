"""How searches for garbage stay short and seldom."""

from __future__ import annotations

import gc

EVERY = 10_000
"""New objects between two searches: some 2 MB."""


def spare() -> None:
    """Leave all that is there by now out of every search: it stays until the process ends.

    One that looks at a loaded screen's half a million objects keeps the keys waiting for 50 to 100 ms.
    """
    gc.freeze()
    gc.set_threshold(EVERY, 10, 10)
