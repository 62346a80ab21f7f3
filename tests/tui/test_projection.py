"""What the screen shows of a run, without a screen."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace
from textual.binding import Binding

from gonogo.format.model import Options
from gonogo.run.state import Answer, At, HostState, Phase
from gonogo.text import many
from gonogo.tui.banner import banner
from gonogo.tui.choices import choices
from gonogo.tui.grouped import tell
from gonogo.tui.keys.names import label
from gonogo.tui.keys.run import BINDINGS
from gonogo.tui.lines import width, wrap
from gonogo.tui.outline import Outline, step_look, strip, tail
from gonogo.tui.projection import groups, progress, reasons
from gonogo.tui.prose import prose, script
from gonogo.tui.screens.help import help_lines
from gonogo.tui.sight import Sight
from gonogo.tui.streams import HostStream
from gonogo.tui.symbols import HOSTS
from gonogo.tui.turns import unkept
from gonogo.tui.words import clock, duration

from . import gates, story
from .fake import SECOND, FakeLink, plan_of, planned


def text(lines: object) -> str:
    """Return lines of spans as plain text."""
    return "\n".join("".join(part for part, _ in line) for line in lines)  # type: ignore[attr-defined]


def test_checklist_has_one_row_a_step_and_one_a_section() -> None:
    """Sections are headings once; every step has its row, with the depth of its sections."""
    outline = Outline(story.plan())
    headings = [row.title for row in outline.rows if row.step is None]
    assert headings == ["Before", "Control plane", "Compute nodes", "Afterwards"]
    assert [outline.rows[at].step for at in outline.row_of.values()] == list(range(len(story.plan().steps)))


def test_a_step_shows_what_its_batches_came_to(tmp_path: Path) -> None:
    """Done, waiting and failed steps have different symbols, and batches are counted."""
    link = story.failure(tmp_path)
    outline = Outline(link.state.plan)
    symbols = [step_look(outline, link.state, step).symbol for step in (1, 4, 5, 6)]
    assert symbols == ["✓", "✓", "✗", "·"]
    assert tail(outline, link.state, 5, link.now()).startswith("━─── 1/4")
    assert tail(outline, link.state, 5, link.now(), short=True) == "1/4"


def test_every_host_state_has_a_symbol_and_a_word() -> None:
    """No state is without a look of its own."""
    assert set(HOSTS) == set(HostState)


def test_equal_output_is_one_group_and_the_rest_is_odd(tmp_path: Path) -> None:
    """The majority comes first; others are marked."""
    link = story.go_gate(tmp_path)
    first, second = groups(link.state.turns[1])
    assert (len(first.hosts), first.odd) == (38, False)
    assert (second.hosts, second.odd) == (("cp07", "cp23"), True)
    shown = text(told.line for told in tell(link.state.turns[1], 80))
    assert "38 hosts  cp[01-06,08-22,24-40]" in shown
    assert "2 hosts differ  cp[07,23]" in shown


def test_reasons_come_before_output(tmp_path: Path) -> None:
    """Hosts that failed alike are told together, above all output."""
    link = story.failure(tmp_path)
    turn = link.state.turns[9]
    assert [one.hosts for one in reasons(turn)] == [("cp16", "cp17"), ("cp20",)]
    told = tell(turn, 100)
    assert "".join(part for part, _ in told[0].line).startswith("✗ 2 hosts failed")
    assert told[0].host == "cp16"


def test_output_that_is_not_kept_is_not_called_nothing(tmp_path: Path) -> None:
    """Why there is none is said instead."""
    link = FakeLink(plan_of([planned("Step", ("a", "b"), no_output=True)]), tmp_path)
    link.whole(0)
    shown = text(one.line for one in tell(link.state.turns[0], 60, "", unkept(Options(no_output=True))))
    assert "its output is not kept" in shown
    assert "nothing" not in shown


def test_outputs_of_different_scripts_are_not_compared(tmp_path: Path) -> None:
    """A check's output does not differ from the command's; it is another thing, and named so."""
    link = FakeLink(plan_of([planned("Step", ("a", "b", "c"), check="true")]), tmp_path)
    link.begin(0)
    for host in ("a", "b", "c"):
        link.exit(0, host, printed=b"done\n")
    link.tell("round.end", turn=0)
    link.begin(0, "check", ["a"])
    link.exit(0, "a", printed=b"active\n")
    assert [(group.hosts, group.odd) for group in groups(link.state.turns[0])] == [
        (("b", "c"), False),
        (("a",), False),
    ]
    assert "✓ 1 host check  a" in text(one.line for one in tell(link.state.turns[0], 60))


def test_search_keeps_only_lines_that_hold_the_word(tmp_path: Path) -> None:
    """The word is found whatever its case, and marked."""
    told = tell(story.failure(tmp_path).state.turns[9], 100, "COMPLETE")
    assert any(("Complete", "found") in one.line for one in told)
    assert "Transaction" not in text(one.line for one in told)


def test_what_failed_hosts_printed_stands_before_the_rest(tmp_path: Path) -> None:
    """In a low pane the majority's lines would hide why the others failed."""
    shown = text(told.line for told in tell(story.failure(tmp_path).state.turns[9], 100))
    assert shown.rindex("requires python-six") < shown.index("Updating:")


def test_progress_counts_what_is_out(tmp_path: Path) -> None:
    """Hosts that ended are done, whether well or not."""
    seen = progress(story.running(tmp_path).state.turns[9])
    assert (seen.done, seen.total, seen.failed, seen.running) == (6, 10, 1, 4)


def test_progress_starts_again_for_the_check(tmp_path: Path) -> None:
    """While the check runs, hosts whose command went well count as not done yet."""
    link = FakeLink(plan_of([planned("Step", ("a", "b"), check="true")]), tmp_path)
    link.begin(0)
    for host in ("a", "b"):
        link.exit(0, host)
    link.begin(0, Phase.CHECK.value, ["a"])
    assert progress(link.state.turns[0]).done == 0


def test_failure_choices_say_what_they_do_to_how_many(tmp_path: Path) -> None:
    """Every choice of the runner has its key and its number of hosts."""
    link = story.failure(tmp_path)
    assert link.state.gate is not None
    ways = {way.answer: way for way in choices(link.state, link.state.gate)}
    assert set(ways) == set(link.state.gate.choices)
    assert "3 hosts: cp[16-17,20]" in ways[Answer.RETRY_FAILED].effect
    assert "10 hosts" in ways[Answer.RETRY_ALL].effect
    assert all(len(way.brief) <= 20 for way in ways.values())
    assert ways[Answer.LEAVE_OUT].reason


def sight(cells: int = 100, **fields: object) -> Sight:
    """Return an operator's usual sight."""
    given: dict[str, object] = {"driving": True, "lost": "", "enter": True, "elsewhere": False}
    given |= fields
    return Sight(cells, 40, False, directory="/runs/one", run="one", **given)  # type: ignore[arg-type]


def test_banner_gives_evidence_between_batches(tmp_path: Path) -> None:
    """The batch before is told in words."""
    link = story.batch_gate(tmp_path)
    shown = banner(Outline(link.state.plan), link.state, link.now(), sight())
    assert "batch 1: ✓ 10 ok" in text(shown.lines)
    assert [key.key for key in shown.keys[0]][:3] == ["enter", "n", "s"]


def test_banner_tells_the_step_before_at_a_first_gate(tmp_path: Path) -> None:
    """Different outputs of the step before are not overlooked."""
    link = story.go_gate(tmp_path)
    shown = banner(Outline(link.state.plan), link.state, link.now(), sight())
    assert "2 different outputs" in text(shown.lines)


def test_the_keys_are_in_sight_however_much_there_is_to_know(tmp_path: Path) -> None:
    """Evidence gives way, the question and what must not be overlooked do not."""
    link = gates.paused(tmp_path)
    assert link.state.gate is not None
    link.state.start = {"overlaps": [f"somebody works on cp{number:02d}" for number in range(30)]}
    link.state.gate = replace(link.state.gate, at=At.START, evidence={"steps": 3, "changes": 2})
    shown = banner(Outline(link.state.plan), link.state, link.now(), replace(sight(), lines=8))
    assert len(shown.lines) + len(shown.keys) == 8
    assert "START?" in text(shown.lines[:1])
    assert "more lines" in text(shown.lines)
    assert "lunch" in text(shown.lines[-1:])


def test_banner_gives_no_answers_to_one_who_looks_on(tmp_path: Path) -> None:
    """The driver's name stands there instead."""
    link = story.go_gate(tmp_path)
    shown = banner(Outline(link.state.plan), link.state, link.now(), sight(driving=False))
    assert "alice drives" in text(shown.lines)
    assert not any("answer" in key.action for row in shown.keys for key in row)


def test_banner_says_why_a_run_ended(tmp_path: Path) -> None:
    """The last reason and the trail's place are there."""
    link = story.go_gate(tmp_path)
    link.say(Answer.NO_GO, "the database is slow")
    link.tell("run.end", result="no-go")
    shown = text(banner(Outline(link.state.plan), link.state, link.now(), sight()).lines)
    assert "the database is slow" in shown
    assert "/runs/one" in shown


def test_banner_counts_steps_at_the_end(tmp_path: Path) -> None:
    """A step in four batches is one; no count is empty."""
    link = story.batch_gate(tmp_path)
    link.say(Answer.NO_GO, "enough")
    link.tell("run.end", result="no-go")
    outline = Outline(link.state.plan)
    shown = text(banner(outline, link.state, link.now(), sight()).lines)
    assert "✓ 5 done" in shown
    assert " · 5 not begun" in shown
    assert "· ·" not in shown


def test_a_step_that_waits_for_a_person_does_not_go_on_counting(tmp_path: Path) -> None:
    """The checklist tells how long commands were out, not for how long nobody answered."""
    link = FakeLink(plan_of([planned("Look", ("a",))]), tmp_path)
    link.ask()
    link.say(Answer.GO)
    link.begin(0)
    outline = Outline(link.state.plan)
    assert tail(outline, link.state, 0, link.now() + 30 * SECOND).endswith("31 s")
    link.exit(0, "a", "failed", why="exit 1", code=1)
    link.tell("round.end", turn=0)
    link.ask()
    before = tail(outline, link.state, 0, link.now())
    assert before.endswith("3.0 s")
    assert tail(outline, link.state, 0, link.now() + 400 * SECOND) == before
    link.say(Answer.SKIP, "no need")
    link.finish(0, "skipped")
    assert tail(outline, link.state, 0, link.now()) == before


def test_banner_says_how_to_go_on_without_a_process(tmp_path: Path) -> None:
    """A lost run names the command that resumes it."""
    link = story.go_gate(tmp_path)
    shown = banner(Outline(link.state.plan), link.state, link.now(), sight(lost="the process has ended"))
    assert "gonogo resume one" in text(shown.lines)


def test_a_host_s_stream_joins_its_attempts(tmp_path: Path) -> None:
    """Lines are whole, other hosts' are not in it, an unfinished line is there at once."""
    link = FakeLink(plan_of([planned("Step", ("a", "b"))]), tmp_path)
    link.begin(0)
    link.write("a", b"one\ntw")
    link.write("b", b"other\n")
    stream = HostStream(tmp_path, 0, "a")
    assert stream.pull(1)
    assert [line.text for line in (*stream.whole, *stream.tails)] == ["one", "tw"]
    link.write("a", b"o\n")
    link.write("a", b"\x1b]52;c;AAAA\x07", "e")
    assert stream.pull(1)
    assert not stream.pull(1)
    assert [line.text for line in (*stream.whole, *stream.tails)] == ["one", "two", "^[]52;c;AAAA^G"]
    link.begin(0)
    link.write("a", b"again\n")
    stream.pull(2)
    assert [line.text for line in stream.whole][-2:] == ["attempt 2", "again"]


def test_wrapping_loses_nothing() -> None:
    """Words move to the next line, longer ones are cut, and every line fits."""
    source = [("a word and averyveryverylongword ", ""), ("日本語のホスト", "title")]
    lines = wrap(source, 10)
    assert all(width(line) <= 11 for line in lines)
    assert text(lines).replace("\n", "") == "a word and averyveryverylongword 日本語のホスト"


def test_a_script_is_shown_exactly() -> None:
    """Long lines go on after a mark; not a character is missing."""
    lines = script("echo " + "x" * 50, 30)
    assert "".join(line[1][0] for line in lines) == "echo " + "x" * 50


def test_prose_keeps_what_it_does_not_know() -> None:
    """Marks that are no Markdown stay, links show where they lead."""
    shown = text(prose("# Head\n\nsee [x](http://e.org) `c`\n- [ ] box\n\n[FAILED] [/] stays", 60))
    assert shown.splitlines() == ["Head", "", "see x <http://e.org> c", "☐ box", "", "[FAILED] [/] stays"]


def test_words_for_times_and_counts() -> None:
    """Two units are enough, and one host is one host."""
    assert [duration(int(n * SECOND)) for n in (0.44, 12, 185, 7620)] == [
        "0.4 s",
        "12 s",
        "3 m 05 s",
        "2 h 07 m",
    ]
    assert [clock(n * SECOND) for n in (5, 65, 3725)] == ["0:05", "1:05", "1:02:05"]
    assert [many(1), many(5000)] == ["1 host", "5,000 hosts"]
    assert [strip(2, 4), strip(1, 400)] == ["━━── 2/4", "──────── 1/400"]


def test_help_fits_a_small_terminal() -> None:
    """No line of it is cut off at 80 cells, and every key that answers or acts stands there."""
    lines = help_lines()
    assert max(width(line) for line in lines) <= 72
    told = text(lines)
    for binding in BINDINGS:
        assert isinstance(binding, Binding)
        key = label(binding.key.split(",")[0])
        assert any(key in line.split()[:4] for line in told.split("\n")), binding.key
