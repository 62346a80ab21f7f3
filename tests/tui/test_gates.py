"""Every question on the screen: what it shows, what its keys say, and what no key says by mistake."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.widgets import Input

from gonogo.errors import RunError
from gonogo.run.revise import revised
from gonogo.run.state import Answer
from gonogo.tui.choices import choices
from gonogo.tui.outline import Outline, step_look
from gonogo.tui.screens.choose import Choose
from gonogo.tui.screens.editor import CleanArea, Editor
from gonogo.tui.screens.run import RunScreen
from gonogo.tui.widgets.output import Output
from gonogo.tui.widgets.wall import Wall

from . import gates, story
from .fake import FakeLink, plan_of, planned
from .test_screen import Desk, desk


def typed_text(one: Desk) -> str:
    """Return what stands in the open dialog's field."""
    return one.pilot.app.screen.query_one(Input).value


@pytest.mark.parametrize(
    ("result", "word"), [("ok", "done"), ("rolled-back", "rolled-back"), ("begun", "begun")]
)
def test_what_became_of_a_step_is_said_before_it_runs_again(tmp_path: Path, result: str, word: str) -> None:
    """A step that was only begun was not done."""
    link = gates.again(tmp_path)
    assert link.state.gate is not None
    gate = replace(link.state.gate, evidence={**link.state.gate.evidence, "result": result})
    go = next(one for one in choices(link.state, gate) if one.answer is Answer.GO)
    assert go.prompt.startswith(f"It was {word} before. ")


async def test_the_first_question_is_about_the_whole_run(tmp_path: Path) -> None:
    """How much it does is told; no step waits for it, and one key says go."""
    async with desk(gates.start(tmp_path)) as one:
        assert "START?" in one.shown()
        assert "11 steps; 6 of them change something" in one.shown()
        assert "◆" not in one.shown()
        await one.press("g")
        assert one.said == [(Answer.GO, "", "")]


async def test_a_value_is_asked_for_and_checked(tmp_path: Path) -> None:
    """What is no choice is refused with the reason, and stays; the arrows go through the choices."""
    async with desk(gates.value(tmp_path)) as one:
        assert "one of havana · icehouse" in one.shown()
        assert typed_text(one) == "havana"
        await one.press("end", "x", "enter")
        assert not one.said
        assert typed_text(one) == "havanax"
        assert "must be one of havana, icehouse" in one.shown()
        await one.press("down", "down", "enter")
        assert one.said == [(Answer.GO, "", "icehouse")]
        assert "release = icehouse" in one.shown()


async def test_a_secret_is_not_shown_and_not_changed(tmp_path: Path) -> None:
    """Not a character of it stands on the screen, and it goes exactly as it was typed."""
    async with desk(gates.secret(tmp_path)) as one:
        one.pilot.app.screen.query_one(Input).value = " geh\u200bheim "
        await one.paint()
        assert "heim" not in one.shown()
        await one.press("enter")
        assert one.said == [(Answer.GO, "", " geh\u200bheim ")]
        assert "heim" not in one.shown()


async def test_a_field_that_opened_under_the_finger_takes_no_enter(tmp_path: Path) -> None:
    """An enter meant for the question before does not say the default; escape leaves the question."""
    async with desk(gates.value(tmp_path)) as one:
        await one.pilot.press("enter", "enter")
        await one.paint()
        assert not one.said
        await one.press("escape")
        assert "one of havana, icehouse" in one.shown()
        await one.press("enter")
        assert typed_text(one) == "havana"


async def test_too_short_a_secret_is_refused(tmp_path: Path) -> None:
    """It could not be masked in output; the reason does not hold it."""
    async with desk(gates.secret(tmp_path)) as one:
        await one.press("q", "z", "enter")
        assert not one.said
        assert "cannot be masked" in one.shown()
        assert "qz" not in one.shown()


async def test_approval_says_who_signed_and_who_is_missing(tmp_path: Path) -> None:
    """The command for the other person stands there; go does nothing before the last signature."""
    link = gates.approval(tmp_path)
    async with desk(link) as one:
        for words in (
            "1 of 2 signatures",
            "bob@example.org",
            "dba: bob, carol",
            f"gonogo approve {link.state.run}",
        ):
            assert words in one.shown()
        await one.press("enter")
        assert not one.said
        assert "1 signature missing" in one.shown()
        link.tell("gate.approve", gate=2, by="carol@example.org", key="k2", sig="s2")
        await one.press("enter")
        assert one.said == [(Answer.GO, "", "")]


async def test_what_was_typed_stays_when_the_run_refuses(tmp_path: Path) -> None:
    """A refusal is shown under the field, not instead of it."""
    link = story.go_gate(tmp_path)
    async with desk(link) as one:

        async def refuse(*_: object, **__: object) -> None:
            raise RunError("the disk is full")

        link.answer = refuse  # type: ignore[method-assign]
        await one.press("n", "w", "h", "y", "enter")
        assert "the disk is full" in one.shown()
        assert typed_text(one) == "why"


async def test_between_batches_the_evidence_is_there(tmp_path: Path) -> None:
    """Failed, slow, different, and the time left."""
    async with desk(gates.batch(tmp_path)) as one:
        for words in (
            "1 left out",
            "not ok: cp04",
            "slowest cp04, 7.0 s",
            "about 9.0 s left",
            "1 host cp03 in Update",
        ):
            assert words in one.shown()


async def test_unknown_hosts_are_asked_about_apart_and_twice(tmp_path: Path) -> None:
    """It is said that the command may have run; running it again wants a second key."""
    async with desk(gates.unknown(tmp_path)) as one:
        assert "UNKNOWN" in one.shown()
        assert "look first" in re.sub(r"\s+", " ", one.shown())
        assert "asked about next: ✗ 1 failed" in one.shown()
        await one.press("r")
        assert not one.said
        assert "It may have run there already" in one.shown()
        await one.press("y")
        assert one.said == [(Answer.RETRY_FAILED, "", "")]


async def test_the_check_alone_can_run_again(tmp_path: Path) -> None:
    """After a failed check `c` is a choice."""
    async with desk(gates.checked(tmp_path)) as one:
        assert "check again" in one.shown()
        await one.press("c")
        assert one.said == [(Answer.CHECK_AGAIN, "", "")]


async def test_an_answer_can_be_about_some_hosts(tmp_path: Path) -> None:
    """Named hosts alone go with the answer; what names none of them is refused."""
    async with desk(gates.checked(tmp_path)) as one:
        await one.press("m", *"cp01", "enter")
        assert "not about cp01" in one.shown()
        await one.press(*("backspace",) * 4, *"cp[05-06]", "enter")
        assert "the answer is about cp[05-06] alone" in one.shown()
        await one.press("r")
        assert one.link.narrowed == [("cp05", "cp06")]


async def test_space_in_the_wall_marks_a_host(tmp_path: Path) -> None:
    """Only hosts that the question is about; a second time takes it out again."""
    async with desk(gates.checked(tmp_path)) as one:
        one.screen.query_one(Wall).focus()
        await one.press("space")
        assert not one.screen.picked
        await one.press("right", "right", "right", "right", "space", "right", "space")
        assert one.screen.picked == {"cp05", "cp06"}
        await one.press("space")
        assert one.screen.picked == {"cp05"}


async def test_what_is_marked_does_not_outlive_its_question(tmp_path: Path) -> None:
    """The next question is about all of its hosts."""
    link = gates.checked(tmp_path)
    async with desk(link) as one:
        await one.press("m", *"cp05", "enter")
        link.say(Answer.LEAVE_OUT, "gone", hosts=["cp05"])
        link.ask()
        await one.paint()
        assert not one.screen.picked


async def test_a_done_step_wants_a_second_key(tmp_path: Path) -> None:
    """Enter is no choice, g asks once more; what it came to before is told."""
    async with desk(gates.again(tmp_path)) as one:
        assert "last time: ✎ done, some by hand" in one.shown()
        await one.press("enter")
        await one.press("g")
        assert not one.said
        await one.press("y")
        assert one.said == [(Answer.GO, "", "")]


async def test_the_end_names_who_was_left_out(tmp_path: Path) -> None:
    """Ending asks once more."""
    async with desk(gates.left_out(tmp_path)) as one:
        assert "left out: cp[05-06]  disks on order" in one.shown()
        await one.press("enter")
        await one.press("g")
        assert not one.said
        await one.press("y")
        assert one.said == [(Answer.GO, "", "")]


async def test_hosts_left_out_are_picked_up(tmp_path: Path) -> None:
    """Those named, or all; a host that is not left out is refused."""
    async with desk(gates.left_out(tmp_path)) as one:
        await one.press("u", *"cp01", "enter")
        assert "cp01: it is not left out" in one.shown()
        await one.press(*("backspace",) * 4, *"cp06", "enter")
        assert one.link.acts == [("pick-up", {"hosts": ["cp06"]})]
        assert list(one.link.state.left_out) == ["cp05"]


async def test_jump_forward_wants_a_reason(tmp_path: Path) -> None:
    """The step on the screen is the target; what is passed over is counted."""
    async with desk(gates.typed(tmp_path)) as one:
        await one.press("j", "J")
        assert "1 step before it will not run" in one.shown()
        await one.press("f")
        await one.press("enter")
        assert not one.link.acts
        await one.press("h", "m", "enter")
        assert one.link.acts == [("jump", {"to": "enable-the-nodes", "how": "forward", "reason": "hm"})]
        assert one.link.state.turns[1].result == "skipped"


async def test_jump_by_number_to_a_done_step(tmp_path: Path) -> None:
    """Once more, or its rollback; a number that is no step's is refused."""
    async with desk(gates.left_out(tmp_path)) as one:
        await one.press("J", "9", "enter")
        assert "1 to 3" in one.shown()
        await one.press("backspace", "2", "enter")
        assert isinstance(one.pilot.app.screen, Choose)
        assert "run it once more" in one.shown()
        await one.press("b", "x", "enter")
        assert one.link.acts == [("jump", {"to": "update-the-packages", "how": "rollback", "reason": "x"})]


async def test_an_edit_shows_its_difference_and_wants_a_reason(tmp_path: Path) -> None:
    """Escape goes back to the text, nothing lost; the step shows what differs from the document."""
    async with desk(gates.typed(tmp_path)) as one:
        await one.press("e")
        assert isinstance(one.pilot.app.screen, Editor)
        await one.press("ctrl+s")
        assert "the same as before" in one.shown()
        await one.press("n", "i", "c", "e", "space", "ctrl+s")
        assert "+ ▎ nice yum -y update" in one.shown()
        await one.press("escape")
        assert one.pilot.app.screen.query_one(CleanArea).text.startswith("nice yum")
        await one.press("ctrl+s", *"load", "enter")
        ((name, fields),) = one.link.acts
        assert (name, fields["reason"]) == ("edit", "load")
        assert fields["script"].startswith("nice yum -y update")
        assert isinstance(one.pilot.app.screen, RunScreen)
        assert "it differs from the document" in one.shown()


async def test_what_is_pasted_into_a_command_is_clean(tmp_path: Path) -> None:
    """An escape in pasted text shows as text."""
    async with desk(gates.typed(tmp_path)) as one:
        await one.press("e")
        area = one.pilot.app.screen.query_one(CleanArea)
        area.insert("\x1b]52;c;eA==\x07")
        await one.paint()
        assert area.text.startswith("^[]52;c;eA==^G")


async def test_an_edit_can_be_made_in_the_operator_s_editor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its text comes back; an editor that fails, or leaves what cannot be shown, changes nothing."""
    link, codes = gates.at_update(tmp_path), [0, 1, 0]
    monkeypatch.setenv("VISUAL", "edit --wait")
    left = ["echo outside\n", "echo worse\n", "echo \x1b]0;x\n"]

    async def lend(argv: Sequence[str], title: str) -> int:
        assert argv[:2] == ["edit", "--wait"]
        Path(argv[-1]).write_text(left.pop(0))
        return codes.pop(0)

    link.lend = lend
    link.ask()
    async with desk(link) as one:
        await one.press("e")
        for _ in range(3):
            await one.press("ctrl+e")
            assert one.pilot.app.screen.query_one(CleanArea).text == "echo outside\n"
        assert "cannot be shown" in one.shown()
        await one.press("ctrl+s", *"better", "enter")
        assert link.acts[0][1]["script"] == "echo outside\n"


async def test_a_command_that_cannot_be_shown_is_not_edited(tmp_path: Path) -> None:
    """It would come back changed without a word."""
    link = FakeLink(plan_of([planned("Odd", ("a",), command="printf '\x1b[0m'")]), tmp_path)
    link.ask()
    async with desk(link) as one:
        await one.press("e")
        assert isinstance(one.pilot.app.screen, RunScreen)
        assert "edit the runbook's file" in re.sub(r"\s+", " ", one.shown())


async def test_a_paused_run_asks_before_it_goes_on(tmp_path: Path) -> None:
    """The reason stands in the bar; go wants a second key."""
    link = gates.edited(tmp_path)
    async with desk(link) as one:
        await one.press("p", *"lunch", "enter")
        assert one.link.acts == [("pause", {"reason": "lunch"})]
        assert "PAUSED" in one.shown()
        await one.press("enter")
        assert not one.said
        await one.press("y")
        assert one.said == [(Answer.GO, "", "")]


async def test_a_note_s_tag_and_link_are_kept(tmp_path: Path) -> None:
    """They are taken from its words."""
    async with desk(gates.batch(tmp_path)) as one:
        await one.press("o")
        one.pilot.app.screen.query_one(Input).value = "odd #disk see https://x.example/7."
        await one.press("enter")
        assert one.link.notes == [("odd #disk see https://x.example/7.", "disk", "https://x.example/7")]


async def test_the_trying_can_be_stopped(tmp_path: Path) -> None:
    """Between two tries the bar says when the next one comes, and x ends it."""
    async with desk(gates.trying(tmp_path)) as one:
        assert "until it succeeds" in one.shown()
        assert "the next in" in one.shown()
        await one.press("x", "y")
        assert one.link.cancels == [()]


async def test_one_host_can_be_cancelled(tmp_path: Path) -> None:
    """With its output on the screen, it alone is offered first."""
    async with desk(story.running(tmp_path)) as one:
        one.screen.open_host("cp17")
        await one.press("x", "h")
        assert one.link.cancels == [("cp17",)]
        assert one.screen.query_one(Output).host == "cp17"


@pytest.mark.parametrize("scene", list(gates.SCENES))
async def test_who_looks_on_can_only_write_notes(tmp_path: Path, scene: str) -> None:
    """All is shown, no key moves the run."""
    link = gates.SCENES[scene](tmp_path)
    link.driving = False
    async with desk(link) as one:
        for key in ("enter", "g", "n", "s", "r", "R", "c", "l", "h", "b", "a", "m", "e", "J", "u", "p", "x"):
            await one.press(key)
            assert isinstance(one.pilot.app.screen, RunScreen), key
        assert not one.said
        assert not one.link.acts
        assert not one.link.cancels
        await one.press("o", *"seen", "enter")
        assert one.link.notes == [("seen", "", "")]


async def test_after_an_edit_the_checklist_is_the_new_text_s(tmp_path: Path) -> None:
    """Steps are counted anew, what was done stays done, and its output is still there to read."""
    link = FakeLink(plan_of([planned("One", ("a", "b")), planned("Two", ("a",))]), tmp_path)
    link.ask()
    link.say(Answer.GO)
    link.whole(0, b"a word from before\n")
    link.ask()
    new = plan_of([planned("Zero", ("a",)), planned("One", ("a", "b")), planned("Two", ("a",))])
    link.state.load = lambda _: revised(plan_of([planned("One", ("a", "b")), planned("Two", ("a",))]), new)
    async with desk(link) as one:
        link.tell("plan.change", file="plan-1.json", plan="0", diff="", by="alice")
        link.ask()
        await one.paint()
        assert "step 1 of 3" in one.shown()
        assert "Zero" in one.shown()
        assert "✓ One" in one.shown()
        await one.press("j")
        one.screen.open_host("b")
        for _ in range(100):
            await one.pilot.pause(0.02)
            if "a word from before" in one.shown():
                break
        assert "a word from before" in one.shown()


def test_a_checklist_painted_just_after_an_edit_still_has_its_old_rows(tmp_path: Path) -> None:
    """The panes may be painted before the new text is taken up: steps that it replaced are as skipped."""
    old = plan_of([planned("One", ("a",)), planned("Two", ("a",))])
    link = FakeLink(old, tmp_path)
    outline = Outline(link.state.plan)
    link.state.load = lambda _: revised(old, plan_of([planned("Zero", ("a",))]))
    link.ask()
    link.tell("plan.change", file="plan-1.json", plan="0", diff="", by="alice")
    assert [step_look(outline, link.state, step).word for step in outline.steps] == ["skipped", "skipped"]


async def test_a_take_over_shows_both_names(tmp_path: Path) -> None:
    """The one who drove is told, and looks on from then."""
    link = gates.typed(tmp_path)
    async with desk(link) as one:
        link.driving = False
        link.tell("operator", by="bob", was="alice")
        await one.paint()
        assert "bob took over from alice" in one.shown()
        assert "bob drives, took over from alice" in one.shown()


async def test_a_shell_on_the_host_on_the_screen(tmp_path: Path) -> None:
    """It wants a reason; its begin and its end are told, and the terminal is lent in between."""
    link = gates.checked(tmp_path)
    lent: list[tuple[list[str], str]] = []

    async def lend(argv: Sequence[str], title: str) -> int:
        lent.append((list(argv), title))
        return 3

    link.lend = lend
    async with desk(link) as one:
        await one.press("exclamation_mark")
        assert isinstance(one.pilot.app.screen, RunScreen)
        one.screen.open_host("cp05")
        await one.paint()
        assert "shell on cp05" in one.shown()
        await one.press("exclamation_mark", *"look", "enter")
        await one.paint()
        assert lent == [(["true", "cp05"], "a shell on cp05")]
        begun, ended = link.acts
        assert begun == ("shell", {"host": "cp05", "reason": "look"})
        assert ended == ("shell ended", {"host": "cp05", "code": 3})


async def test_no_shell_without_a_terminal_to_lend(tmp_path: Path) -> None:
    """The key is not shown and does nothing."""
    async with desk(gates.checked(tmp_path)) as one:
        one.screen.open_host("cp05")
        await one.press("exclamation_mark")
        assert "shell on cp05" not in one.shown()
        assert isinstance(one.pilot.app.screen, RunScreen)


async def test_before_the_first_go_stands_what_it_will_do(tmp_path: Path) -> None:
    """Origin, values, hosts and outages stand there; looking at a step and back moves nothing."""
    async with desk(gates.start(tmp_path), (200, 60)) as one:
        shown = one.shown()
        for words in ("commit 2f1c9a8e41d2", "havana", "a secret, given", "cp[01-40]", "nova-api is down"):
            assert words in shown
        await one.press("j")
        assert "step 1 of 11" in one.shown()
        await one.press("enter")
        assert not one.said
        assert "Before the first go" in one.shown()
        await one.press("enter")
        assert one.said == [(Answer.GO, "", "")]


async def test_a_key_that_is_no_answer_here_says_so(tmp_path: Path) -> None:
    """Retrying and choosing hosts are for failures; nothing is answered."""
    async with desk(story.go_gate(tmp_path)) as one:
        one.time.at += 1
        await one.press("R")
        assert "It is no answer to this question" in one.shown()
        await one.press("m")
        assert "Only an answer to a failure" in one.shown()
        assert not one.said
