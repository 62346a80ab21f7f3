"""Every key that can be given another one: its name, what it does, and how help tells it."""

from __future__ import annotations

from collections.abc import Mapping

from textual.binding import Binding

from gonogo.run.state import Answer

from ..choices import KEYS
from .app import APP, PANE
from .names import Page, label

_ANSWERS: list[Binding] = [
    Binding(key, f"answer('{answer.value}')", answer.value, id=f"answer.{answer.value}", show=False)
    for answer, key in KEYS.items()
    if answer is not Answer.GO
]

BINDINGS: list[Binding] = [
    Binding("g", "answer('go')", "go", id="answer.go"),
    Binding("enter", "enter", "go", id="answer.enter"),
    *_ANSWERS,
    Binding("m", "pick", "the answer is about some hosts only", id="answer.pick"),
    Binding("e", "edit", "edit the command", id="run.edit"),
    Binding("J", "jump", "jump to a step", id="run.jump"),
    Binding("u", "pick_up", "pick up hosts that were left out", id="run.pick-up"),
    Binding("p", "pause", "pause", id="run.pause"),
    Binding("exclamation_mark", "shell", "a shell on the host", id="run.shell"),
    Binding("t", "test", "run the test plan", id="run.test"),
    Binding("o", "note", "write a note", id="run.note"),
    Binding("x", "cancel", "cancel what runs", id="run.cancel"),
    Binding("d", "app.detach", "detach: the run goes on", id="run.detach"),
    Binding("q", "app.detach", "leave; while it runs it goes on", id="run.leave"),
    Binding("full_stop", "home", "back to where the run is", id="look.home"),
    Binding("escape", "back", "back out of one thing", id="look.back"),
    Binding("j", "look(1)", "look at the next step", id="look.next"),
    Binding("k", "look(-1)", "look at the step before", id="look.previous"),
    Binding("right_square_bracket", "bad(1)", "next failed host", id="look.next-failed"),
    Binding("left_square_bracket", "bad(-1)", "failed host before", id="look.previous-failed"),
    Binding("slash", "search", "search the output", id="output.search"),
    Binding("ampersand", "narrow", "only output lines that hold a word", id="output.narrow"),
    Binding("H", "hosts", "only hosts in a state, or called so", id="look.hosts"),
    Binding("asterisk", "search_all", "search all that every host printed", id="output.search-all"),
    Binding("i", "only", "only what failed, only what is odd, all", id="output.only"),
    Binding("w", "wrap", "break a host's long lines, or cut them", id="output.wrap"),
    Binding("y", "copy", "copy the output", id="output.copy"),
    Binding("Y", "copy_hosts", "copy a list of hosts", id="output.copy-hosts"),
    Binding("v", "pager", "the output in your pager", id="output.pager"),
    Binding("apostrophe", "hop", "go to a pane or step by a letter", id="look.hop"),
    Binding("O", "notes", "the notes, their tags and links", id="look.notes"),
    Binding("T", "rounds", "results of the test plan", id="look.tests"),
    Binding("M", "monitors", "the monitors' charts", id="look.monitors"),
    Binding("P", "mistakes", "what check found in the runbook", id="look.mistakes"),
    Binding("F", "switch('fold')", "finished sections fold, or stay open", id="look.fold"),
    Binding("z", "zoom", "this pane alone", id="look.zoom"),
    Binding("tab", "app.focus_next", "next pane", id="look.pane", show=False),
    Binding("shift+tab", "app.focus_previous", "pane before", id="look.pane-before", show=False),
    Binding("question_mark", "help", "help", id="run.help"),
    Binding("colon,ctrl+p", "palette", "all commands", id="run.palette"),
]
CHECKLIST: list[Binding] = [
    Binding("less_than_sign", "fold(True)", "fold the section", id="checklist.fold", show=False),
    Binding("greater_than_sign", "fold(False)", "open the section", id="checklist.open", show=False),
]
WALL: list[Binding] = [
    Binding("left", "step_cell(-1)", "host before", id="wall.left", show=False),
    Binding("right", "step_cell(1)", "next host", id="wall.right", show=False),
    Binding("enter", "open", "its output", id="wall.open", show=False),
    Binding("space", "pick_host", "the next answer is about it, or not", id="wall.toggle", show=False),
]
OUTPUT: list[Binding] = [
    Binding("enter", "open", "the host's own output", id="output.open", show=False),
    Binding("f", "follow", "follow the end, or stay", id="output.follow", show=False),
    Binding("n", "next_found(1)", "next place of a search", id="output.next", show=False),
    Binding("N", "next_found(-1)", "the place before", id="output.previous", show=False),
]
DEFAULTS: dict[str, str] = {
    one.id: one.key for one in (*BINDINGS, *APP, *PANE, *CHECKLIST, *WALL, *OUTPUT) if one.id is not None
}
"""Binding -> its usual keys."""

HELP: Page = (
    (
        "Answers",
        (
            ("answer.enter answer.go", "go (enter: while checklist or step is focused)"),
            ("answer.no-go", "no-go: the run ends here (asks why)"),
            ("answer.skip", "skip the step, or go on without it (asks why)"),
            ("answer.retry-failed answer.retry-all", "retry the failed hosts; all of them (asks once more)"),
            ("answer.check-again", "run the check alone again"),
            ("answer.reach", "before the first go: see who can be reached"),
            ("answer.leave-out", "leave the failed hosts out from here on (asks why)"),
            ("answer.by-hand", "you did it by hand (asks what)"),
            ("answer.rollback", "roll back where the step reached (asks once more)"),
            ("answer.abort", "abort: the run ends here (asks why)"),
            ("answer.pick", "answer for some hosts only; space marks one in the wall"),
        ),
    ),
    (
        "Off the document's path, each recorded",
        (
            ("run.edit", "edit the command of the step on the screen"),
            ("run.jump", "jump to the step on the screen, or to a number"),
            ("run.pick-up", "pick up hosts that were left out"),
            ("run.pause", "the run rests until the next answer (asks why)"),
            ("run.shell", "a shell on the host whose output is shown"),
            ("run.cancel", "cancel the commands that are out on hosts now"),
        ),
    ),
    (
        "Looking",
        (
            ("look.previous look.next", "other steps, without moving the run"),
            ("look.home", "back to where the run is"),
            ("look.back", "back out of a search, a host, another step"),
            ("look.pane look.pane-before", "next pane: checklist, step, hosts, output; before"),
            ("look.next-failed look.previous-failed", "next failed host, the one before"),
            ("look.hosts", "only hosts in a state, or called so"),
            ("output.search output.next output.previous", "search the output; next place, the one before"),
            ("output.search-all", "search all that every host printed; n goes on"),
            ("output.narrow", "only output lines that hold a word"),
            ("output.only", "only what failed, only what is odd, or all"),
            ("output.wrap", "break a host's long lines, or cut them"),
            ("output.copy output.pager", "copy the output; open it in your pager"),
            ("output.copy-hosts", "copy hosts: folded, as --limit, or one a line"),
            ("checklist.fold checklist.open", "in the checklist: fold a section, open it"),
            ("look.fold", "finished sections fold by themselves, or stay open"),
            ("look.hop", "letters on every pane and step in sight: press one"),
            ("look.notes", "the notes, found by words or #tag; links open when asked"),
            ("look.monitors", "the monitors' charts"),
            ("look.tests", "results of the test plan, round by round"),
            ("look.mistakes", "what check found in the runbook"),
            ("look.zoom", "this pane alone, and back"),
        ),
    ),
    (
        "The run",
        (
            ("run.test", "run the test plan at a question, as often as wished"),
            ("run.note", "write a note; a #tag and a link in it are kept"),
            ("run.palette", "all commands, to be found by their words; themes"),
            ("run.help", "this page"),
            ("run.detach app.detach", "detach: it goes on; `gonogo attach` comes back"),
            ("run.leave app.leave", "leave; while it runs the same as detach"),
        ),
    ),
)
"""What help shows: bindings and what they do. `=` stands before a key that has no name."""
OF_PANE: Mapping[str, list[Binding]] = {
    "checklist": [*CHECKLIST, *PANE],
    "wall": [*WALL, *PANE],
    "output": [*OUTPUT, *PANE],
}
"""Each pane's own keys, where it has others than every pane."""


def labels(name: str, chosen: Mapping[str, str]) -> str:
    """Return the keys of a binding as help shows them; `chosen` are those that are not the usual ones."""
    keys = chosen.get(name, DEFAULTS[name])
    return " ".join(label(key) for key in keys.split(","))


def keymap(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the keys that the toolkit is to be told of.

    With a binding's usual key it takes away all that have it, so that those that keep it are told, too.
    """
    left = {one.key for one in BINDINGS if one.id in chosen}
    return {one.id: one.key for one in BINDINGS if one.id and one.key in left} | dict(chosen)
