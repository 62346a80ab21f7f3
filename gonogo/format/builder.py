"""What a document's reader says (a heading, an item, a code block) becomes the outline; for any spelling."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from gonogo.text import clean_line

from .attributes import Given
from .keys import read_options, read_script
from .model import SPOKEN, Kind, NotRun, Options, Place, Script
from .outline import Box, Draft, alone, as_prose, open_box, pause_title, says, set_defaults
from .problems import Problems
from .prompts import SESSIONS, SHELLS, commands, mixed, other_prompt

RUNNABLE = SHELLS | SPOKEN | {"python", "powershell"}

Include = Callable[[Given, Place, Box, Problems], None]
"""Put the document that `include` names under a box."""


class Code(Struct, frozen=True):
    """A code block: its text as it stands, and its lines of the document for the prose."""

    text: str
    language: str
    given: Given
    place: Place
    source: str = ""


class Builder:
    """Builds one document's outline under a box. Levels count from 1; a deeper one stands inside."""

    def __init__(self, file: str, root: Box, problems: Problems, include: Include, *, ours: bool) -> None:
        self.file, self.problems, self.ours = file, problems, ours
        self.root = root
        self.title = ""
        self.not_run: list[NotRun] = []
        self.report = problems.error if ours else problems.warn
        self._include = include
        self._stack: list[tuple[int, Box]] = [(0, root)]
        self._last: Draft | None = None

    @property
    def box(self) -> Box:
        """The box that is open."""
        return self._stack[-1][1]

    def call(self, title: str, given: Given) -> None:
        """Take the document's title, and defaults for all of it."""
        self.title = title
        _take_test(self.root, given)
        set_defaults(self.root, self._options(self.root.options, given))

    def open(self, level: int, title: str, given: Given, place: Place, *, task: bool = False) -> None:
        """Open a heading or list item; what is open at its level or below is closed."""
        self.close(level)
        parent = self.box
        box = open_box(parent, title, place, self._options(parent.options, given), given)
        box.is_task = task
        box.inherited, parent.paragraph = parent.take_prose(), ""
        self._stack.append((level, box))

    def close(self, level: int, source: str = "") -> None:
        """Close what is open at a level or below; `source` is a closed list item's own text."""
        while self._stack[-1][0] >= level:
            _, box = self._stack.pop()
            self._end(box, source if self._stack[-1][0] < level else "")

    def end(self) -> None:
        """Close the document."""
        self.close(1)
        self._end(self.root, "")

    def _end(self, box: Box, source: str) -> None:
        """Settle a box that is closed: a checkbox or pause alone is a step, and other text alone is prose."""
        if box.alive():
            self._trail(box)
        elif box.is_task or box.pause != (None, None):
            kind = Kind.CONFIRM if box.is_task else Kind.WAIT
            box.children.append(alone(box, kind))
        elif box is not self.root:
            outer = self.box
            outer.children.remove(box)
            outer.prose += [text for text in (box.inherited, source or as_prose(box)) if text]

    def _trail(self, box: Box) -> None:
        """Text after a box's last step is shown with that step."""
        if box.prose and (last := deque(box.drafts(), maxlen=1)):
            last[0].prose = f"{last[0].prose}\n\n{box.take_prose()}".strip("\n")

    def paragraph(self, source: str, lead: str) -> None:
        """Take prose; `lead` is its plain text, which may name the next step."""
        if source:
            self.box.prose.append(source)
        self.box.paragraph = lead

    def comment(self, given: Given, place: Place) -> None:
        """Take a stand-alone comment: an include, a pause, or defaults from here on in the open box."""
        box = self.box
        if "include" in given:
            self._include(given, place, box, self.problems)
            self._last = None
        elif "wait" in given or "at" in given:
            options = self._options(box.options, given)
            title = given["title"][0] if "title" in given else ""
            lead, box.paragraph = box.paragraph, ""
            draft = Draft(Kind.WAIT, place, options, given, title=clean_line(title), paragraph=lead)
            draft.title = draft.title or ("" if lead else pause_title(options, given))
            draft.prose = box.take_prose()
            box.children.append(draft)
        else:
            set_defaults(box, self._options(box.rolling or box.options, given))
            _take_test(box, given)

    def code(self, code: Code) -> None:
        """Take a code block: a step, a step's check or rollback, or one that is told as not run."""
        if why := _why_not(code):
            self.leave(code.place.line, code.language, why)
            prose = code.text if "prose" in code.given else code.source
            self.box.prose += [prose] if prose.strip() else []
            return
        script = Script(commands(code.text, code.language), code.language or "sh", code.place)
        self._look_at(code)
        if "check" in code.given or "rollback" in code.given:
            self._attach("check" if "check" in code.given else "rollback", script, code.given)
        else:
            self._step(script, code.given)

    def leave(self, line: int, language: str, reason: str) -> None:
        """Tell of a code block that is no step."""
        self.not_run.append(NotRun(line, clean_line(language), clean_line(reason)))

    def _step(self, script: Script, given: Given) -> None:
        box = self.box
        options = self._options(box.options, given)
        if options.gate is None and (box.is_task or not self.ours):
            options = replace(options, gate="go")
        title = clean_line(given["title"][0]) if "title" in given else ""
        lead, box.paragraph = box.paragraph, ""
        place = script.place or Place(self.file)
        draft = Draft(Kind.RUN, place, options, given, script, title=title, paragraph=lead)
        draft.prose = box.take_prose()
        box.children.append(draft)
        self._last = draft

    def _attach(self, role: str, script: Script, given: Given) -> None:
        """Give a check or rollback block to the step before it."""
        step, place = self._last, script.place or Place(self.file)
        if step is None:
            mend = "Put it after the block that it belongs to."
            self.report(place, "nothing-to-attach", f"there is no step before this {role}", mend)
            self.leave(place.line, script.language, f"a {role} without a step before it")
        elif getattr(step, role) is not None:
            message = f"the step in line {step.place.line} has a {role} already"
            self.report(place, "doubled", message, "Make one block of both.")
            self.leave(place.line, script.language, f"a second {role} of one step")
        else:
            setattr(step, role, read_script(role, script, step.options, given, self.ours, self.problems))

    def _look_at(self, code: Code) -> None:
        if code.language in SESSIONS and mixed(code.text):
            message = "both $ and # prompts stand here: lines after # are taken for root's commands"
            self.problems.warn(code.place, "mixed-prompts", message, "Make blocks of their own.")

    def _options(self, base: Options, given: Given) -> Options:
        return read_options(base, given, self.ours, self.problems)


def _take_test(box: Box, given: Given) -> None:
    if "test" in given:
        box.given = {**box.given, "test": given["test"]}


def _why_not(code: Code) -> str:
    for key in ("ignore", "excludeFromRunAll", "prose"):
        if says(code.given, key):
            return f"marked {{{key}}}"
    if prompt := other_prompt(code.text, code.language):
        return f"its prompt {prompt} is no shell's"
    if not code.text.strip():
        return "it is empty"
    if "run" in code.given or "check" in code.given or "rollback" in code.given:
        return ""
    if not code.language:
        return "it has no language"
    return "" if code.language in RUNNABLE else f"{code.language} is no language that runs"
