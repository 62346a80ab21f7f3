"""Commands that wait for a person who is not there, and those that become another user by themselves."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from gonogo.text import clean_line

from ..model import Severity
from ..shell.model import Command
from .programs import bare, wants
from .whole import Block, Whole

_BECOMES = frozenset({"sudo", "su", "doas"})
_SU_TAKES = frozenset({"-c", "--command", "-s", "--shell", "-g", "--group", "-G", "-w"})


def check_commands(whole: Whole) -> None:
    """Report commands that read standard input, where nothing is to be read, and `sudo` instead of `as=`."""
    for blocks in whole.every:
        for block in blocks:
            if block.shell is None:
                continue
            for command in block.shell.commands:
                if command.words and not block.step.options.interactive:
                    _input(whole, block, command)
                if command.words and whole.runbook.ours:
                    _become(whole, block, command)


def _input(whole: Whole, block: Block, command: Command) -> None:
    words = bare(command.words)
    if not words or command.in_function:
        return
    found = wants(words, command.fed)
    if found is not None:
        first, last = words[0], words[-1]
        what, mend = found
        message = f"{clean_line(first.text)} {what}, and a step has nobody to answer"
        length = last.end - first.start
        whole.in_block(block, first.start, length, Severity.WARNING, "reads-input", message, mend)


def _become(whole: Whole, block: Block, command: Command) -> None:
    word = command.words[0]
    name = posixpath.basename(word.text)
    if name not in _BECOMES:
        return
    user = _becomes(name, [one.text for one in command.words[1:]])
    message = f"{name} inside a command: its password prompt would have nobody to answer"
    mend = f"Take it out and give the step as={clean_line(user)}."
    whole.in_block(block, word.start, word.end - word.start, Severity.WARNING, "sudo", message, mend)


def _becomes(name: str, given: Sequence[str]) -> str:
    """Return the user that `sudo` or `su` is told to become."""
    before = ["", *given]
    if name == "su":
        operands = (
            one
            for one, option in zip(given, before, strict=False)
            if not one.startswith("-") and option not in _SU_TAKES
        )
        return next(operands, "root")
    return next(
        (one for one, option in zip(given, before, strict=False) if option in ("-u", "--user")), "root"
    )
