"""`make bench`: print a table of figures; `make bench ARGS="startup screen"` only some."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterable

from .measure import Row, here

BENCHES = ("startup", "format", "hosts", "screen", "replay", "seek", "fanout", "confirm", "openstack")


def line(row: Row) -> tuple[str, ...]:
    """Spell a row's cells."""
    mark = {True: "ok", False: "MISSED", None: ""}[row.good]
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}x"
    return (row.what, row.figure, row.beside, ratio, row.target, mark)


def show(rows: Iterable[Row]) -> None:
    """Print the rows under a head, in columns as wide as their widest cell."""
    table = [("what", "figure", "beside", "ratio", "target", ""), *map(line, rows)]
    widths = [max(len(cells[column]) for cells in table) for column in range(len(table[0]))]
    for cells in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())


def main() -> int:
    """Run the benches that were named, or all; 1 when a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="|".join(BENCHES))
    names = parser.parse_args().names or BENCHES
    if strangers := set(names) - set(BENCHES):
        parser.error(f"no such bench: {', '.join(sorted(strangers))}")
    rows: list[Row] = []
    for name in names:
        print(f"measuring {name} ...", end="\r", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"bench.{name}").rows()
    print(f"\n{here()}\n")
    show(rows)
    return int(any(row.good is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
