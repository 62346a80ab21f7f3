"""What every check looks at: the runbook's steps, their scripts read as shell, and where to report."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from ..model import Kind, Problem, Runbook, Script, Section, Severity, Step
from ..problems import Problems
from ..shell.model import Shell
from ..shell.scan import scan
from .source import Source

PLACEHOLDER = r"<[A-Z](?:[A-Z0-9_ -]{0,64}[A-Z0-9_])?>"
# In lower case it is also how files are redirected, `<in>out`: then the next word begins at once.
LOWER = r"<[a-z][\w.-]*(?: [a-z][\w.-]*){0,5}>(?=[\s/:;,.)]|\Z)"
_BRACES = r"\{\{[^{}\n]*\}\}"
_SHELLS = frozenset({"sh", "bash", "dash", "ksh", "zsh", "shell", "console", "shell-session"})
At = tuple[tuple[Section, ...], Step]
"""A step, and the sections above it."""


class Block(Struct, frozen=True):
    """A script of a step: `run`, `check` or `rollback`. `shell` is None for another language."""

    step: Step
    above: tuple[Section, ...]
    role: str
    script: Script
    shell: Shell | None

    @property
    def program(self) -> str:
        """What reads it: the interpreter's name, else the block's language."""
        return _program(self.step, self.script)

    @property
    def filled(self) -> str:
        """The text for bash and shellcheck: as long, but with letters for what is left to fill in."""
        text = self.script.text
        if "<" in text or "{{" in text:
            for pattern in (PLACEHOLDER, LOWER, _BRACES):
                text = re.sub(pattern, lambda match: "x" * len(match[0]), text)
        return text


class Whole:
    """A runbook as a whole, read once for all checks."""

    def __init__(self, runbook: Runbook, problems: Problems) -> None:
        self.runbook, self.problems = runbook, problems
        self.source = Source(runbook)
        self.steps = tuple(runbook.steps())

    @cached_property
    def blocks(self) -> tuple[tuple[Block, ...], ...]:
        """Every step's scripts in the order run, check, rollback; as many as there are steps."""
        return tuple(tuple(_blocks(above, step)) for above, step in self.steps)

    @cached_property
    def watching(self) -> tuple[tuple[Block], ...]:
        """Every monitor's script, as if it were a step's."""
        steps = (one.step for one in self.runbook.monitors)
        return tuple((block_of(step, (), "run", step.script),) for step in steps if step.script)

    @property
    def every(self) -> tuple[tuple[Block, ...], ...]:
        """All that may run: the steps' scripts, then the monitors'."""
        return (*self.blocks, *self.watching)

    def changing(self) -> Iterator[At]:
        """Yield the steps that may change something."""
        for at in self.steps:
            if at[1].kind is Kind.RUN and not at[1].options.read_only:
                yield at

    def at_key(self, at: At, key: str, severity: Severity, code: str, message: str, mend: str) -> None:
        """Report a key of a step, where it is written."""
        severity = self._severity(severity)
        if self.problems.takes(severity):
            above, step = at
            place = self.source.key(step, above, key)
            length = self.source.length(place)
            self.problems.add(Problem(place, severity, code, message, mend, length))

    def in_block(
        self, block: Block, start: int, length: int, severity: Severity, code: str, message: str, mend: str
    ) -> None:
        """Report what stands at an offset of a script."""
        severity = self._severity(severity)
        if self.problems.takes(severity):
            place = self.source.in_script(block.script, start, length)
            self.problems.add(Problem(place, severity, code, message, mend, length))

    def _severity(self, severity: Severity) -> Severity:
        """In a document that was never written for us nothing is an error."""
        return severity if self.runbook.ours else Severity.WARNING


def _program(step: Step, script: Script) -> str:
    interpreter = (step.options.interpreter or "").split()
    return posixpath.basename(interpreter[0]) if interpreter else script.language


def _blocks(above: tuple[Section, ...], step: Step) -> Iterator[Block]:
    for role, script in (("run", step.script), ("check", step.check), ("rollback", step.rollback)):
        if script is None or script.place is None:
            continue
        yield block_of(step, above, role, script)


def block_of(step: Step, above: tuple[Section, ...], role: str, script: Script) -> Block:
    """Return a script, read if it is shell."""
    is_shell = _program(step, script) in _SHELLS
    return Block(step, above, role, script, scan(script.text) if is_shell else None)
