"""What the operator can do beside answering: words that stand for hosts, steps, jumps, notes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.run.acts import ACTS
from gonogo.run.state import RunState
from gonogo.tui.deeds import difference, hosts_called, jumps, note_parts, step_called, unedited
from gonogo.tui.outline import Outline

from . import gates, story
from .fake import FakeLink

HOSTS = ("cp01", "cp02", "cp10", "db[1]", "web-a")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", HOSTS),
        ("cp02,cp01", ("cp01", "cp02")),
        ("cp[01-10]", ("cp01", "cp02", "cp10")),
        ("cp* web-a", ("cp01", "cp02", "cp10", "web-a")),
        ("db[1]", ("db[1]",)),
        ("cp[01-02,10] , web-?", ("cp01", "cp02", "cp10", "web-a")),
    ],
)
def test_words_stand_for_hosts(text: str, found: tuple[str, ...]) -> None:
    """Names, ranges and patterns; in the hosts' own order."""
    assert hosts_called(text, HOSTS) == found


@pytest.mark.parametrize("text", ["cp3", "cp01,nobody", "cp[11-12]", "cp[1-", "zz*", ","])
def test_a_word_for_no_host_is_refused(text: str) -> None:
    """It is not passed over, for the answer would be about other hosts than was thought."""
    with pytest.raises(ValueError, match="not about"):
        hosts_called(text, HOSTS)


@given(st.text(max_size=60))
def test_no_text_calls_a_host_that_is_not_there(text: str) -> None:
    """Whatever is typed, the answer is about hosts of the question, or it is refused."""
    try:
        found = hosts_called(text, HOSTS)
    except ValueError:
        return
    assert set(found) <= set(HOSTS)
    assert found


@given(st.text(max_size=20))
def test_only_a_step_s_number_calls_a_step(text: str) -> None:
    """One of the checklist's numbers, counted from one; anything else is refused."""
    outline = Outline(story.plan())
    try:
        step = step_called(outline, text)
    except ValueError:
        return
    assert step in outline.steps
    assert int(text) == step + 1


@pytest.mark.parametrize("scene", ["typed", "checked", "left_out", "again", "batch", "edited", "unknown"])
def test_every_jump_that_is_offered_is_taken(tmp_path: Path, scene: str) -> None:
    """The run refuses none of the ways that the screen shows."""
    link = gates.SCENES[scene](tmp_path)
    for step in range(3):
        for way in jumps(Outline(link.state.plan), link.state, step):
            name = link.state.plan.steps[step].step.id
            assert ACTS["jump"](link.state, "alice", to=name, how=way.how, reason="x"), (step, way)


def test_nothing_jumps_while_a_step_runs(tmp_path: Path) -> None:
    """Nor can a command be edited then."""
    state = story.running(tmp_path).state
    outline = Outline(state.plan)
    assert not any(jumps(outline, state, step) for step in outline.steps)
    assert "running" in unedited(state.plan, state, 5)


def test_what_can_be_edited_is_what_the_run_takes(tmp_path: Path) -> None:
    """A person's step has no command, a step that is over keeps its own."""
    link = gates.left_out(tmp_path)
    assert unedited(link.state.plan, link.state, 0)
    assert unedited(link.state.plan, link.state, 2)
    before: FakeLink = gates.typed(tmp_path)
    assert not unedited(before.state.plan, before.state, 1)
    state: RunState = before.state
    assert ACTS["edit"](state, "alice", step="update-the-packages", script="true", reason="x")


@pytest.mark.parametrize(
    ("text", "tag", "link"),
    [
        ("all calm", "", ""),
        ("#disk is full", "disk", ""),
        ("see https://x.example/a#b, now", "", "https://x.example/a#b"),
        ("a#b c #late-one (http://y)", "late-one", "http://y"),
        ("javascript:alert(1) #1", "", ""),
    ],
)
def test_a_note_holds_its_tag_and_link(text: str, tag: str, link: str) -> None:
    """Only http and https are links."""
    assert note_parts(text) == (tag, link)


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_difference_shows_every_changed_line(before: str, after: str) -> None:
    """Equal texts have no marked line; others have at least one."""
    marks = {line[0][0][0] for line in difference(before, after, 40)}
    assert (marks <= {" "}) == (before.splitlines() == after.splitlines())
