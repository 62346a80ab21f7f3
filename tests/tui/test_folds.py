"""The checklist's sections: folded and opened by key, by mouse, and by themselves."""

from __future__ import annotations

from pathlib import Path

from gonogo.run.state import Answer
from gonogo.tui.folds import Folds, section_look, section_tail
from gonogo.tui.outline import Outline
from gonogo.tui.settings import Settings
from gonogo.tui.symbols import STEPS
from gonogo.tui.widgets.checklist import Checklist

from .fake import FakeLink, plan_of, planned
from .test_screen import Desk, desk


def link_of(run: Path) -> FakeLink:
    """Two sections of two steps, the second with a section of its own."""
    return FakeLink(
        plan_of(
            [
                planned("One", sections=("Before",)),
                planned("Two", sections=("Before",)),
                planned("Three", sections=("After",)),
                planned("Four", sections=("After", "Deep")),
                planned("Five", sections=("After", "Deep")),
            ]
        ),
        run,
    )


def rows(one: Desk) -> list[str]:
    """The checklist's lines as they are shown."""
    checklist = one.screen.query_one(Checklist)
    return ["".join(text for text, _ in checklist.line(y)).rstrip() for y in range(checklist.count)]


async def test_a_finished_section_folds_by_itself(tmp_path: Path) -> None:
    """It tells how it ended, how many steps it had, and how long they took; the setting keeps it open."""
    link = link_of(tmp_path)
    async with desk(link) as one:
        assert len(rows(one)) == 8
        link.whole(0)
        link.whole(1)
        await one.paint()
        assert rows(one)[0].startswith("▹ ✓ Before")
        assert "2/2" in rows(one)[0]
        assert len(rows(one)) == 6
        await one.press("F")
        assert len(rows(one)) == 8


async def test_a_step_outside_all_sections_stands_beside_them(tmp_path: Path) -> None:
    """Those inside are indented more then; where there are none outside, no room is lost."""
    mixed = [planned("One", sections=("Before",)), planned("Two"), planned("Three", sections=("A", "B"))]
    async with desk(FakeLink(plan_of(mixed), tmp_path)) as one:
        found = [(row.rstrip(), len(row) - len(row.lstrip("❯› "))) for row in rows(one)]
        assert [indent for _, indent in found] == [0, 4, 2, 0, 2, 6]
    async with desk(link_of(tmp_path)) as one:
        assert rows(one)[1].startswith("❯ ")
        assert rows(one)[1][2] != " "


async def test_sections_are_folded_by_key_and_by_mouse(tmp_path: Path) -> None:
    """Where the cursor is; a folded section is one line that the cursor stops at."""
    link = link_of(tmp_path)
    link.whole(0)
    async with desk(link, settings=Settings(fold=False)) as one:
        await one.press("<")
        assert rows(one)[0].startswith("❯ ◐ Before")
        assert "1/2" in rows(one)[0]
        await one.press("j")
        assert one.screen.looked_step == 2
        await one.press("k")
        assert one.screen.looked_step == 1
        await one.press(">")
        assert "One" in rows(one)[1]
        checklist = one.screen.query_one(Checklist)
        await one.pilot.click(checklist, offset=(3, 4))
        await one.paint()
        assert rows(one)[3].startswith("▹ · After")
        assert len(rows(one)) == 4
        await one.pilot.click(checklist, offset=(3, 4))
        await one.paint()
        assert len(rows(one)) == 8


async def test_where_the_run_goes_on_is_in_sight(tmp_path: Path) -> None:
    """A section that was folded opens when the run comes to it."""
    link = link_of(tmp_path)
    async with desk(link) as one:
        await one.pilot.click(one.screen.query_one(Checklist), offset=(3, 4))
        await one.paint()
        assert len(rows(one)) == 4
        link.whole(0)
        link.whole(1)
        await one.paint()
        assert any("Three" in row for row in rows(one))


def test_the_rows_that_are_shown_never_hide_where_the_run_is(tmp_path: Path) -> None:
    """Whatever is folded, each step has a line that stands for it."""
    link = link_of(tmp_path)
    outline = Outline(link.state.plan)
    folds = Folds(outline)
    folds.update(link.state, 0, 0, alone=True)
    for row in outline.sections:
        folds.fold(row, folded=True)
        shown = folds.update(link.state, 0, 0, alone=True)
        assert all(folds.row_of(step) in shown for step in outline.steps)
    assert shown == [0, 3]


def test_a_section_looks_like_what_matters_most_in_it(tmp_path: Path) -> None:
    """A question, a failure, a step that runs; then how far it is; then how it went."""
    link = link_of(tmp_path)
    outline = Outline(link.state.plan)
    assert section_look(outline, link.state, 0) == STEPS["pending"]
    link.ask()
    assert section_look(outline, link.state, 0) == STEPS["waiting"]
    link.say(Answer.GO)
    link.begin(0)
    assert section_look(outline, link.state, 0) == STEPS["running"]
    link.exit(0, "localhost")
    link.finish(0)
    assert section_look(outline, link.state, 0) == STEPS["between"]
    link.whole(1)
    assert section_look(outline, link.state, 0) == STEPS["ok"]
    assert section_tail(outline, link.state, 0, link.at).startswith("2/2")
