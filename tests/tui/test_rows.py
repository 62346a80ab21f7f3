"""Lines by the million: kept packed, laid out in rows, and found again."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gonogo.tui.rows import BLOCK, Lines, Printed, Rows, Shape

TEXTS = st.lists(st.text(st.sampled_from("ab c日\t"), max_size=30), max_size=40)


def _lines(texts: list[str], times: int) -> Lines:
    lines = Lines()
    for _ in range(times):
        lines.add(Printed("e" if text.startswith("a") else "o", text) for text in texts)
    return lines


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.integers(1, 60), st.integers(1, 12), st.sampled_from(["", "b", "日"]), st.booleans())
def test_packed_lines_take_the_rows_that_they_would_take_unpacked(
    texts: list[str], times: int, cells: int, wanted: str, wraps: bool
) -> None:
    """Every row is there once, in order, whatever block its line is in."""
    lines, shape = _lines(texts, times), Shape(cells, wanted, wraps)
    assert list(lines) == [Printed("e" if text.startswith("a") else "o", text) for text in texts] * times
    rows = Rows(lines, shape)
    while not rows.extend(0.01):
        pass
    wished = [row for line in lines for row in shape.rows(line)]
    assert [rows.row(y) for y in range(len(rows))] == wished


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.integers(1, 60), st.tuples(st.integers(1, 12), st.integers(1, 12)), st.booleans(), st.data())
def test_a_spot_is_found_again_in_another_shape(
    texts: list[str], times: int, cells: tuple[int, int], wraps: bool, data: st.DataObject
) -> None:
    """A row's line is the same there, and the very row where the shape is the same."""
    lines = _lines(["end", *texts], times)
    before, after = Rows(lines, Shape(cells[0])), Rows(lines, Shape(cells[1], wraps=wraps))
    spot = before.spot(0)
    assert after.row_of(replace(spot, line=BLOCK)) is None or len(lines) < BLOCK
    for rows in (before, after):
        while not rows.extend(0.01):
            pass
    y = data.draw(st.integers(0, len(before) - 1))
    spot = before.spot(y)
    assert before.row_of(spot) == y
    there = after.row_of(spot)
    assert there is not None
    assert after.spot(there).line == spot.line


def test_lines_added_later_are_laid_out_later() -> None:
    """What was laid out stays; a block that became full is not counted twice."""
    lines = _lines(["one", "two"], BLOCK // 4)
    rows = Rows(lines, Shape(80))
    rows.extend(1)
    assert len(rows) == BLOCK // 2
    lines.add([Printed("o", "three")] * BLOCK)
    assert rows.extend(1)
    assert (len(rows), rows.row(0).text, rows.row(len(rows) - 1).text) == (BLOCK * 3 // 2, "one", "three")


def test_blocks_that_hold_no_word_are_passed_over() -> None:
    """As many rows as the block still has in that direction; none when it may hold the word."""
    rows = Rows(lines := _lines(["haystack"], BLOCK), Shape(80))
    lines.add([Printed("o", "a Needle"), *[Printed("o", "haystack")] * (BLOCK - 1)])
    rows.extend(1)
    assert (rows.barren(10, "needle", 1), rows.barren(10, "needle", -1)) == (BLOCK - 10, 11)
    assert rows.barren(BLOCK + 5, "needle", 1) == 0


def test_a_million_lines_are_small() -> None:
    """Twenty thousand lines of a log take a fraction of their own bytes."""
    lines = Lines()
    lines.add(
        Printed("o", f"nova-compute[{n % 99}]: instance {n:08x} synced, {n % 7} ms") for n in range(20_000)
    )
    packed = sum(len(block) for block in lines._packed)
    assert packed < 20_000 * 45 / 3
