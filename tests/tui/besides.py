"""Two runs beside each other, for the eye and for tests."""

from __future__ import annotations

from gonogo.tui.beside import Beside, Came, Side, Twin

from .hostile import ALL, STRINGS

SECOND = 10**9


def rehearsed() -> Beside:
    """A rehearsal and the change: another result, another command, a step each that the other lacks."""
    ok = Came("ok", 2 * SECOND, "3 ok")
    failed = Came(
        "failed",
        40 * SECOND,
        "38 ok, 2 failed",
        failures=("2 hosts, cp[07-08]: failed: exit code 1",),
        printed=(("38 hosts, all but cp[07-08]", "Updated: nova-compute"), ("cp[07-08]", "No space left")),
    )
    small = Came("ok", 4 * SECOND, "3 ok", batches=(4 * SECOND,))
    rolling = Came("ok", 9 * SECOND, "40 ok", batches=(3 * SECOND, 6 * SECOND))
    return Beside(
        "Nova, Grizzly to Havana",
        (
            Side("20261119T160000Z-nova", "in 4 min 10 s on 3 hosts, began 2026-11-19 16:00:00 UTC", "GO"),
            Side("20261120T160000Z-nova", "in 2 h 04 min on 40 hosts, began 2026-11-20 16:00 UTC", "NO-GO"),
        ),
        ("input version: 2013.1 / 2013.2", "only in B: 37 hosts, cp[04-40]"),
        (
            Twin("stop", "Stop the API", ok, ok, " "),
            Twin("dump", "Dump the database", ok, None, "<"),
            Twin(
                "sync", "Sync the schema", ok, ok, "~",
                ("-nova-manage db sync", "+nova-manage db sync --yes"), ("-done", "+done, 3 rows"),
            ),
            Twin("update", "Update the packages", ok, failed, "!"),
            Twin("restart", "Restart the nodes", small, rolling, " "),
            Twin("look", "Look at the cells", None, ok, ">"),
        ),
    )  # fmt: skip


def hostile() -> Beside:
    """Every word comes from an enemy."""
    came = Came(ALL, SECOND, ALL, (SECOND, SECOND), STRINGS, tuple((text, ALL) for text in STRINGS))
    twins = [Twin(ALL, text, came, None, "<") for text in STRINGS]
    twins.append(Twin(ALL, ALL, came, came, "!", STRINGS, STRINGS))
    return Beside(ALL, (Side(ALL, ALL, ALL, ALL), Side(ALL, ALL, "GO")), STRINGS, tuple(twins))
