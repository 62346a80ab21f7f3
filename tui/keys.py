"""The run screen's keys, in one place: bindings and the words that help shows."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from gonogo.run.state import Answer

from .choices import KEYS

_ANSWERS: list[BindingType] = [
    Binding(key, f"answer('{answer.value}')", answer.value, id=f"answer.{answer.value}", show=False)
    for answer, key in KEYS.items()
    if answer is not Answer.GO
]

BINDINGS: list[BindingType] = [
    Binding("g", "answer('go')", "go", id="answer.go"),
    Binding("enter", "enter", "go", id="answer.enter"),
    *_ANSWERS,
    Binding("m", "pick", "the answer is about some hosts only", id="answer.pick"),
    Binding("e", "edit", "edit the command", id="run.edit"),
    Binding("J", "jump", "jump to a step", id="run.jump"),
    Binding("u", "pick_up", "pick up hosts that were left out", id="run.pick-up"),
    Binding("p", "pause", "pause", id="run.pause"),
    Binding("exclamation_mark", "shell", "a shell on the host", id="run.shell"),
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
    Binding("z", "zoom", "this pane alone", id="look.zoom"),
    Binding("question_mark", "help", "help", id="run.help"),
]

HELP: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Answers",
        (
            ("enter  g", "go (enter: while checklist or step is focused)"),
            ("n", "no-go: the run ends here (asks why)"),
            ("s", "skip the step, or go on without it (asks why)"),
            ("r  R", "retry the failed hosts; all of them (asks once more)"),
            ("c", "run the check alone again"),
            ("l", "leave the failed hosts out from here on (asks why)"),
            ("h", "you did it by hand (asks what)"),
            ("b", "roll back where the step reached (asks once more)"),
            ("a", "abort: the run ends here (asks why)"),
            ("m", "answer for some hosts only; space marks one in the wall"),
        ),
    ),
    (
        "Off the document's path, each recorded",
        (
            ("e", "edit the command of the step on the screen"),
            ("J", "jump to the step on the screen, or to a number"),
            ("u", "pick up hosts that were left out"),
            ("p", "the run rests until the next answer (asks why)"),
            ("!", "a shell on the host whose output is shown"),
            ("x", "cancel the commands that are out on hosts now"),
        ),
    ),
    (
        "Looking",
        (
            ("↑ ↓  j k", "other steps, without moving the run"),
            (".", "back to where the run is"),
            ("esc", "back out of a search, a host, another step"),
            ("tab", "next pane: checklist, step, hosts, output"),
            ("]  [", "next failed host, the one before"),
            ("enter", "on a host or a group of hosts: its own output"),
            ("/", "only output lines that hold a word"),
            ("f", "follow the end of the output, or stay"),
            ("z", "this pane alone, and back"),
        ),
    ),
    (
        "The run",
        (
            ("o", "write a note; a #tag and a link in it are kept"),
            ("d  ctrl+c", "detach: it goes on; `gonogo attach` comes back"),
            ("q", "leave; while it runs the same as d"),
        ),
    ),
)
"""What help shows: each key and what it does."""
